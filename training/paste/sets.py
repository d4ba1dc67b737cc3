"""A set of pasted pictures: write it, resumably and the same for a seed; read it."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from training.paste.compose import (
    Scene,
    occupied,
    paste_cover,
    paste_ground_lookalike,
    paste_on_wall,
)
from training.paste.layout import Layout
from training.paste.textures import Face, cut_faces
from training.paste.view import guess_view
from training.pixels import read_pixels
from training.sources import rows_of
from training.types import Box, LabelledImage
from vision.errors import FormError, InputError

logger = logging.getLogger(__name__)

PASTED = "pasted_street"
BACKGROUNDS = {
    "panoramax_unlabelled": 1.5,
    "panoramax_lege": 1.5,
    "pothole_dnit": 1.0,
    "amsterdam_sidewaste": 1.5,
    "graffiti_street": 0.8,
    "manhole_korea": 2.0,
}
"""Sets whose photos are pasted into, and how often, relative to their number."""

CANDIDATES = 8
WALL_ONLY = "graffiti_street"
"""Its bleached pictures mislead the layout network about the ground."""

Rng = np.random.Generator
FindLayout = Callable[[LabelledImage], Layout]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one picture shall get; what finds no room is left out."""

    ground: tuple[str, ...]
    wall: tuple[str, ...]


def draw_wishes(rng: Rng) -> Wishes:
    """Draw what to paste: about two labelled things, now and then a look-alike."""
    share = {"manhole_ok": 0.42, "manhole_damaged": 0.36, "manhole_missing": 0.32}
    ground = [name for name, p in share.items() if rng.random() < p]
    if rng.random() < 0.2:
        ground.append("lookalike")
    wall: list[str] = []
    if rng.random() < 0.5:
        wall += ["poster"] * int(rng.integers(1, 4))
    if rng.random() < 0.2:
        wall.append(str(rng.choice(("notice", "bill", "sign"))))
    return Wishes(tuple(ground or ["manhole_ok"]), tuple(wall))


def paste_set(
    images: Sequence[LabelledImage],
    out: Path,
    *,
    count: int,
    seed: int,
    categories: tuple[str, ...],
    find_layout: FindLayout,
) -> Counter[str]:
    """Write `count` pasted pictures below `out`; return labelled things by category.

    Args:
        images: photos of the train part, the teachers' boxes added; other parts never.
        out: gets images/, labels/ and meta/; what is there already stays.
        count: pictures wanted; the run may be repeated with a larger one.
        seed: the same seed gives the same pictures.
        categories: class names by class id.
        find_layout: tells where road and wall are.

    Raises:
        InputError: no photo of a set that can be pasted into is among `images`.
        FootageError: a photo cannot be decoded.
    """
    grounds = [i for i in images if i.source in BACKGROUNDS]
    if not grounds:
        msg = f"none of the {len(images)} photos can be pasted into; wanted a set of "
        msg += ", ".join(sorted(BACKGROUNDS))
        raise InputError(msg)
    for name in ("images", "labels", "meta"):
        (out / name).mkdir(parents=True, exist_ok=True)
    (out / "classes.txt").write_text("\n".join(categories) + "\n", encoding="utf-8")
    faces = cut_faces(images)
    made: Counter[str] = Counter()
    for number in range(count):
        stem = f"p{seed}_{number:05d}"
        meta = out / "meta" / f"{stem}.json"
        if not meta.is_file():
            rng = np.random.default_rng([seed, number])
            host, scene = _paste_one(grounds, faces, find_layout, rng)
            _write(out, stem, host, scene, seed=seed, categories=categories)
        record = json.loads(meta.read_text(encoding="utf-8"))
        made.update(t["category"] for t in record["pasted"] if t["category"])
    logger.info("pictures pasted", extra={"count": count, "things": dict(made)})
    return made


def _paste_one(
    grounds: Sequence[LabelledImage],
    faces: Sequence[Face],
    find_layout: FindLayout,
    rng: Rng,
) -> tuple[LabelledImage, Scene]:
    wishes = draw_wishes(rng)
    weights = np.asarray([BACKGROUNDS[g.source] for g in grounds])
    best: tuple[int, LabelledImage, Scene] | None = None
    for row in rng.choice(len(grounds), CANDIDATES, p=weights / weights.sum()):
        host = grounds[int(row)]
        layout = find_layout(host)
        view = guess_view(host, layout)
        if view is None or layout.ground.mean() < 0.05:
            continue
        if host.source == WALL_ONLY:
            layout = replace(layout, ground=np.zeros_like(layout.ground))
        if wishes.wall and layout.wall.mean() < 0.04:
            continue
        taken = occupied(host.boxes, layout.ground.shape)
        scene = Scene(read_pixels(host), layout, view, taken)
        fulfilled = _fulfil(scene, wishes, faces, rng)
        if best is None or fulfilled > best[0]:
            best = (fulfilled, host, scene)
        if fulfilled >= len(wishes.ground) + len(wishes.wall):
            break
    if best is None or not best[2].notes:
        return _paste_one(grounds, faces, find_layout, rng)
    return best[1], best[2]


def _fulfil(scene: Scene, wishes: Wishes, faces: Sequence[Face], rng: Rng) -> int:
    done = 0
    for kind in wishes.ground:
        done += (
            paste_ground_lookalike(scene, rng)
            if kind == "lookalike"
            else paste_cover(scene, kind, faces, rng)
        )
    for kind in wishes.wall:
        done += paste_on_wall(scene, kind, rng)
    return done


def _write(
    out: Path,
    stem: str,
    host: LabelledImage,
    scene: Scene,
    *,
    seed: int,
    categories: tuple[str, ...],
) -> None:
    """Write picture and labels, and last the meta file, which says all is there."""
    boxes = host.boxes + tuple(scene.boxes)
    quality = 88 + sum(stem.encode()) % 8
    _, code = cv2.imencode(".jpg", scene.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    _replace(out / "images" / f"{stem}.jpg", code.tobytes())
    class_id = {name: row for row, name in enumerate(categories)}
    _replace(out / "labels" / f"{stem}.txt", rows_of(boxes, class_id).encode())
    used = {host.source} | {str(n["set"]) for n in scene.notes if n["set"]}
    meta = {
        "background": host.key,
        "scene": host.scene,
        "known": sorted(host.known),
        "sets": sorted(used),
        "seed": seed,
        "pasted": scene.notes,
        "boxes": [[b.category, b.x1, b.y1, b.x2, b.y2, b.confidence] for b in boxes],
    }
    text = json.dumps(meta, ensure_ascii=False, indent=1)
    _replace(out / "meta" / f"{stem}.json", text.encode())


def _replace(target: Path, content: bytes) -> None:
    part = target.with_name(target.name + ".part")
    part.write_bytes(content)
    part.replace(target)


def read_pasted(
    folder: Path, train: Iterable[LabelledImage]
) -> tuple[LabelledImage, ...]:
    """Return the pasted pictures whose photos all belong to `train`, sorted by name.

    A picture made under another split, with a background or a cover that has since left
    the train part, is left out. A folder that is not there holds none.

    Raises:
        FormError: a meta file is damaged.
    """
    allowed = {image.key for image in train}
    found: list[LabelledImage] = []
    for path in sorted((folder / "meta").glob("*.json")):
        try:
            meta = json.loads(path.read_text(encoding="utf-8"))
            parts = {meta["background"]}
            parts |= {t["texture"] for t in meta["pasted"] if t["set"]}
            image = LabelledImage(
                path=folder / "images" / f"{path.stem}.jpg",
                boxes=tuple(Box(*row) for row in meta["boxes"]),
                source=PASTED,
                scene=meta["scene"],
                known=frozenset(meta["known"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            msg = f"{path} is damaged; delete it and paste again"
            raise FormError(msg) from error
        if parts <= allowed:
            found.append(image)
    return tuple(found)
