"""The map page: static files, no build step, nothing from another origin."""

from service.web.page import router

__all__ = ["router"]
