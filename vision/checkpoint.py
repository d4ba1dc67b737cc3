"""The state of a long piece of work as bytes, so that another process can go on.

A checkpoint is read back by a reader that makes nothing but our own types, arrays and
plain containers: a file that somebody else wrote cannot run anything.
"""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Mapping
from typing import Any

from vision.errors import InputError

_LEVEL = 1
_OURS = "vision."
_PLAIN = frozenset(
    {
        ("builtins", "set"),
        ("builtins", "frozenset"),
        ("builtins", "slice"),
        ("builtins", "int"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("builtins", "float"),
        ("copyreg", "_reconstructor"),
        ("builtins", "object"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
    }
)


class _Writer(pickle.Pickler):
    """Writes the names of things that stay outside instead of the things."""

    def __init__(self, file: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(file, protocol=5)
        self._names = {id(thing): name for name, thing in outside.items()}

    def persistent_id(self, obj: object) -> str | None:
        """Return the name of a thing that stays outside."""
        return self._names.get(id(obj))


class _Reader(pickle.Unpickler):
    """Makes our own types, arrays and containers, and nothing else."""

    def __init__(self, file: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(file)
        self._outside = outside

    def persistent_load(self, pid: Any) -> object:
        """Return the thing of a name."""
        if pid not in self._outside:
            msg = f"it needs {pid!r}, which is not here"
            raise pickle.UnpicklingError(msg)
        return self._outside[pid]

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Return a type that a state may hold."""
        found = (module_name, global_name)
        if found in _PLAIN:
            return super().find_class(module_name, global_name)
        if module_name.startswith(_OURS) and "." not in global_name:
            own = super().find_class(module_name, global_name)
            if isinstance(own, type):
                return own
        msg = f"{module_name}.{global_name} is no part of a state"
        raise pickle.UnpicklingError(msg)


def pack_state(state: object, outside: Mapping[str, object] | None = None) -> bytes:
    """Return a state as bytes.

    Args:
        state: of our own types, arrays and plain containers.
        outside: name -> thing that the state refers to and that stays outside.
    """
    file = io.BytesIO()
    _Writer(file, outside or {}).dump(state)
    return zlib.compress(file.getvalue(), _LEVEL)


def unpack_state(data: bytes, outside: Mapping[str, object] | None = None) -> Any:
    """Return the state that `pack_state` was given.

    Args:
        data: as `pack_state` gave it.
        outside: things of the same names, which may be others.

    Raises:
        InputError: the bytes are cut short, damaged, of another version, or hold what
            no state holds.
    """
    try:
        return _Reader(io.BytesIO(zlib.decompress(data)), outside or {}).load()
    except (
        zlib.error,
        pickle.UnpicklingError,
        EOFError,
        ImportError,
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        msg = f"the state of the work cannot be read ({error}); begin it again"
        raise InputError(msg) from error
