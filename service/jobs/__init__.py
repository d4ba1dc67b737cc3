"""Drives are worked on, whatever happens to the worker: DBOS workflows and workers."""

from service.jobs.worker import Worker

__all__ = ["Worker"]
