"""Videos made once for all footage tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vision.footage.numbered_video import RECIPES, make_video, regular


@pytest.fixture(scope="session")
def recipe_video(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Path]:
    """Give the video of a recipe: 60 pictures, 25 a second; made once."""
    folder = tmp_path_factory.mktemp("recipes")
    made: dict[str, Path] = {}

    def video(name: str) -> Path:
        if name not in made:
            made[name] = make_video(folder, RECIPES[name], regular(60))
        return made[name]

    return video
