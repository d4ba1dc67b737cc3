"""One process that looks at files for all tests of a module: starting takes long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.intake.looking import Looking


class _Kept(Looking):
    """Stays when the service of one test ends."""

    def close(self) -> None:
        """Leave it to the next test."""


@pytest.fixture(scope="module", autouse=True)
def one_looker() -> Iterator[None]:
    """Let all services of a module ask one."""
    kept = _Kept(20.0)
    with pytest.MonkeyPatch.context() as here:
        here.setattr("service.intake.uploads.Looking", lambda _: kept)
        yield
    Looking.close(kept)
