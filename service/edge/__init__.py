"""What a vehicle saw, as one file: written aboard, read without believing it."""

from service.edge.form import FORM
from service.edge.package import (
    PACKAGE_SUFFIX,
    Packed,
    is_package,
    read_package,
    write_package,
)

__all__ = [
    "FORM",
    "PACKAGE_SUFFIX",
    "Packed",
    "is_package",
    "read_package",
    "write_package",
]
