"""What a vehicle saw, as one file: written aboard, read without believing it."""

from service.edge.form import FORM
from service.edge.package import Packed, read_package, write_package

__all__ = ["FORM", "Packed", "read_package", "write_package"]
