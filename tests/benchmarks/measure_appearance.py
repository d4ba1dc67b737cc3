"""How far apart the looks of one thing lie, and of two of a kind.

    python -m tests.benchmarks.measure_appearance

Films: boxes of `street@2` are followed from frame to frame by their overlap. One thing:
two frames of one track, at most 0.3 s or 1-3 s apart. Two things: two tracks of one
kind that a frame shows apart. Photos: labelled boxes (vehicles of `panoramax_lege`:
found by `street@2`); one thing is one box in one photo, its edges moved by 5 %; two
things are two boxes of a class. No footage here shows one place on two days, so the
light of another pass is only simulated: each view of a pair gets its own exposure
(+-30 %), gamma (0.77-1.3) and gains of red and blue (+-10 %).

Prints for each footage the AUC of one thing against two, the median distances, and the
shares of both from `MemoryRule.unlike_from` on; then the logistic fit that
`service/findings/same.py` uses, of the vehicles of real films 1-3 s apart (one) and of
all real footage (two). Real and rendered are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from service.findings import MemoryRule
from vision.appearance import LEAST_SIDE_PX, appearance_distance, appearance_of, tone_of
from vision.card import ModelCard
from vision.catalogue import load_card
from vision.detect import Detector, load_detector
from vision.footage import open_video
from vision.privacy import mask_regions
from vision.types import FloatArray, Frame, Image

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
DRIVES = SHARED / "drives"
FILMS = {
    "gopro_pavement": DRIVES / "gopro_pavement" / "max-heromode.mp4",
    "kitti_0005": DRIVES / "kitti_0005" / "2011_09_26_drive_0005_sync.mp4",
    "cambridge": DRIVES / "cambridge" / "camvid_0016E5_15hz.mp4",
}
RENDERED = {"sample-drive": ROOT / "datasets" / "sample-drive" / "drive.mp4"}
KINDS = {
    "vehicles": {"car", "truck", "bus"},
    "two-wheelers": {"motorcycle", "bicycle"},
    "posters": {"poster", "graffiti"},
    "litter": {"litter"},
    "heaps": {"garbage_pile", "bin_overflow", "construction_waste"},
    "covers": {"manhole_ok", "manhole_damaged", "manhole_missing"},
}
PHOTOS = (
    "litter_kerb", "garbage_roboflow", "amsterdam_sidewaste", "graffiti_street",
    "poster_amsterdam", "pothole_dnit", "manhole_korea", "manhole_amsterdam",
)  # fmt: skip
STEP_S = 0.1
SAME_OVERLAP = 0.6
BORDER_PX = 2
PAIRS = 20
LIGHTS = 6
MOVED_FRACTION = 0.05
LEAST_BOXES = 5
MOST_PAIRS = 600
UNLIKE = MemoryRule().unlike_from


Look = tuple[float, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One box in one picture, and how it looks: as it is, then in `LIGHTS` lights."""

    at_s: float
    box: FloatArray
    looks: tuple[Look, ...]


@dataclass(slots=True)
class Distances:
    """Distances of one thing and of two things."""

    one: list[float] = field(default_factory=list)
    two: list[float] = field(default_factory=list)

    def auc(self) -> float:
        """Return the chance that two things look further apart than one."""
        one, two = np.sort(self.one), np.array(self.two)
        below = np.searchsorted(one, two, "left") + np.searchsorted(one, two, "right")
        return float(below.mean() / 2 / len(one))

    def line(self) -> str:
        """Return the figures."""
        if not self.one or not self.two:
            return f"{len(self.one)} and {len(self.two)} pairs, too few"
        one, two = np.array(self.one), np.array(self.two)
        return (
            f"AUC {self.auc():.2f}, medians {np.median(one):.2f} / "
            f"{np.median(two):.2f}, from {UNLIKE} on {(one >= UNLIKE).mean():.1%} / "
            f"{(two >= UNLIKE).mean():.1%} ({len(one)} / {len(two)} pairs)"
        )


def relit(image: Image, rng: np.random.Generator) -> Image:
    """Return a picture in other light."""
    gamma = np.exp(rng.uniform(np.log(0.77), np.log(1.3)))
    gain = rng.uniform(0.7, 1.3) * np.array(
        [rng.uniform(0.9, 1.1), 1.0, rng.uniform(0.9, 1.1)]
    )
    linear = (np.arange(256)[:, None] / 255) ** 2.2 * gain
    table = np.clip(linear, 0, 1) ** (gamma / 2.2) * 255
    return cv2.LUT(image, np.asarray(table + 0.5, np.uint8)[None])


def views(
    image: Image, at_s: float, rows: list[FloatArray], moved_fraction: float = 0.0
) -> list[View]:
    """Return boxes of a picture as views; in other light their edges are moved."""
    rng = np.random.default_rng(int(image.sum(dtype=np.int64)))
    lit = [mask_regions(image, [])]
    lit += [mask_regions(relit(image, rng), []) for _ in range(LIGHTS if rows else 0)]
    tones = [tone_of(picture) for picture in lit]
    out = []
    for box in rows:
        size = np.tile(box[2:] - box[:2], 2)
        looks = []
        for picture, tone in zip(lit, tones, strict=True):
            by = rng.uniform(-moved_fraction, moved_fraction, 4) if looks else 0.0
            looks.append(appearance_of(picture, (box + by * size).tolist(), tone))
        out.append(View(at_s, box, tuple(looks)))
    return out


def apart(one: View, other: View, rng: np.random.Generator | None) -> list[float]:
    """Return the distance of two views, each in its own light where `rng` is given.

    None at all where one is too small to say.
    """
    a, b = (0, 0) if rng is None else 1 + rng.choice(LIGHTS, 2, replace=False)
    distance = appearance_distance(one.looks[a], other.looks[b])
    return [] if distance is None else [distance]


def overlap(a: FloatArray, b: FloatArray) -> float:
    """Return intersection over union of two boxes."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / float(np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def boxes(frame: Frame, detector: Detector, card: ModelCard) -> dict[str, list[View]]:
    """Return the whole boxes of every kind that are large enough."""
    seen = detector.detect(frame)
    size = np.array(frame.image.shape[1::-1])
    rows = [
        (seen.category(row), box)
        for row, box in enumerate(seen.xyxy.astype(np.float64))
        if seen.confidence[row] >= card.operating[seen.category(row)].confidence
        and (box[2:] - box[:2]).min() >= LEAST_SIDE_PX
        and (box[:2] > BORDER_PX).all()
        and (box[2:] < size - BORDER_PX).all()
    ]
    return {
        kind: views(frame.image, frame.drive_s, [b for c, b in rows if c in categories])
        for kind, categories in KINDS.items()
    }


def tracks(frames: list[list[View]]) -> list[list[View]]:
    """Follow boxes from frame to frame; tracks of three views and more."""
    done: list[list[View]] = []
    live: list[list[View]] = []
    for frame in frames:
        free = list(frame)
        going = []
        for track in live:
            shared = [overlap(track[-1].box, view.box) for view in free]
            if shared and max(shared) >= SAME_OVERLAP:
                track.append(free.pop(int(np.argmax(shared))))
                going.append(track)
            else:
                done.append(track)
        live = [*going, *([view] for view in free)]
    return [track for track in (*done, *live) if len(track) >= 3]


def two_things(one: list[View], other: list[View]) -> bool:
    """Say if a frame shows two tracks apart."""
    by_time = {view.at_s: view for view in one}
    shared = [overlap(by_time[v.at_s].box, v.box) for v in other if v.at_s in by_time]
    return bool(shared) and max(shared) < 0.05


def filmed(
    found: list[list[View]], gap_s: tuple[float, float], *, light: bool
) -> Distances:
    """Return the distances in one film."""
    rng = np.random.default_rng(1)
    out = Distances()
    for track in found:
        pairs = [
            (a, b)
            for a, b in combinations(track, 2)
            if gap_s[0] <= b.at_s - a.at_s <= gap_s[1]
        ]
        for k in rng.integers(len(pairs), size=PAIRS) if pairs else ():
            out.one += apart(*pairs[k], rng if light else None)
    for one, other in combinations(found, 2):
        for _ in range(PAIRS if two_things(one, other) else 0):
            a, b = one[rng.integers(len(one))], other[rng.integers(len(other))]
            out.two += apart(a, b, rng if light else None)
    return out


def photographed(photos: list[list[View]]) -> Distances:
    """Return the distances among boxes of photos, in simulated light."""
    rng = np.random.default_rng(1)
    out = Distances()
    rows = [(number, view) for number, found in enumerate(photos) for view in found]
    for _ in range(MOST_PAIRS if len(rows) > 2 else 0):
        (p, a), (q, b) = (rows[k] for k in rng.choice(len(rows), 2, replace=False))
        out.one += apart(a, a, rng)
        if p != q or overlap(a.box, b.box) < 0.05:
            out.two += apart(a, b, rng)
    return out


def labelled(folder: Path) -> dict[str, list[list[View]]]:
    """Return the labelled boxes that are large enough, by class and photo."""
    names = (folder / "classes.txt").read_text("utf-8").split()
    out: dict[str, list[list[View]]] = {name: [] for name in names}
    for path in sorted((folder / "images").iterdir()):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        label = folder / "labels" / f"{path.stem}.txt"
        rows: dict[str, list[FloatArray]] = {}
        for row in label.read_text("utf-8").splitlines():
            number, x, y, wide, tall = (float(v) for v in row.split()[:5])
            corners = np.array([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2])
            box = corners * np.tile(image.shape[1::-1], 2)
            if (box[2:] - box[:2]).min() >= LEAST_SIDE_PX / 0.9:
                rows.setdefault(names[int(number)], []).append(box)
        for name, found in rows.items():
            out[name].append(views(image, 0.0, found, MOVED_FRACTION))
    return out


def fit(distances: Distances) -> tuple[float, float]:
    """Return the slope of the log-likelihood ratio and where it is even."""
    one, two = np.array(distances.one), np.array(distances.two)
    x = np.column_stack([np.ones(len(one) + len(two)), np.concatenate([one, two])])
    is_two = np.repeat([0.0, 1.0], [len(one), len(two)])
    weight = np.repeat([0.5 / len(one), 0.5 / len(two)], [len(one), len(two)])
    theta = np.zeros(2)
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ theta))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x
        theta += np.linalg.solve(hessian, x.T @ (weight * (is_two - p)))
    return float(theta[1]), float(-theta[0] / theta[1])


def show_films(
    films: dict[str, Path], detector: Detector, card: ModelCard
) -> Distances:
    """Print the figures of films; return the vehicles' 1-3 s apart, in other light."""
    pooled = Distances()
    for name, path in films.items():
        source = open_video(path)
        times = np.arange(0.0, source.info.duration_s - STEP_S, STEP_S).tolist()
        frames = [boxes(f, detector, card) for f in source.frames(times, 0)]
        for kind in KINDS:
            found = tracks([frame[kind] for frame in frames])
            if len(found) < 3:
                continue
            print(f"{name}, {kind}: {len(found)} tracks")
            print(f"  to 0.3 s:     {filmed(found, (0, 0.3), light=False).line()}")
            print(f"  1-3 s:        {filmed(found, (0.9, 3), light=False).line()}")
            far = filmed(found, (0.9, 3), light=True)
            print(f"  1-3 s, relit: {far.line()}")
            if kind == "vehicles":
                pooled.one += far.one
                pooled.two += far.two
    return pooled


def show_photos(detector: Detector, card: ModelCard) -> Distances:
    """Print the figures of photos; return those of vehicles."""
    for name in PHOTOS:
        for category, photos in labelled(SHARED / "street" / name).items():
            if sum(map(len, photos)) >= LEAST_BOXES:
                print(f"{name}, {category}: {photographed(photos).line()}")
    folder = SHARED / "street" / "panoramax_lege" / "unlabelled"
    photos = []
    for number, path in enumerate(sorted(folder.iterdir())):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        found = boxes(Frame(number, 0.0, 0.0, image, path.name), detector, card)
        own_car_px = 0.85 * len(image)
        photos.append([v for v in found["vehicles"] if v.box[3] < own_car_px])
    vehicles = photographed(photos)
    print(f"panoramax_lege, vehicles: {vehicles.line()}")
    return vehicles


def main() -> None:
    """Print the distances."""
    card = load_card("street@2")
    detector = load_detector(card, device="cpu")
    print("REAL FILMS (one thing / two things)")
    pooled = show_films(FILMS, detector, card)
    print("REAL PHOTOS: one photo of each thing, relit")
    pooled.two += show_photos(detector, card).two
    print(f"REAL VEHICLES, 1-3 s, relit: {pooled.line()}")
    slope, even = fit(pooled)
    print(f"  log-likelihood ratio of two against one: {slope:.1f} (d - {even:.2f})")
    print("RENDERED FILM")
    show_films(RENDERED, detector, card)


if __name__ == "__main__":
    main()
