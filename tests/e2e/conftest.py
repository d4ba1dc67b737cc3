"""What several end-to-end tests share."""

from __future__ import annotations

import pytest

from tests.e2e.tiny_recipe import Walk, walk_recipe


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Return the recipe in its tiny form, walked."""
    return walk_recipe(tmp_path_factory.mktemp("tiny"))
