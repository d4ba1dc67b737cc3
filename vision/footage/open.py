"""Turns what the user gave into footage sources on one drive clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vision.errors import AuditError, Failure, FootageError, NotFoundError
from vision.footage.arrange import arrange, name_order
from vision.footage.base import FootageSource
from vision.footage.photos import PhotoSource, is_photo, open_photos
from vision.footage.video import VideoSource, open_video
from vision.suffixes import PHOTO_SUFFIXES, VIDEO_SUFFIXES


@dataclass(frozen=True, slots=True)
class OpenedFootage:
    """What can be looked at, and what cannot.

    Attributes:
        sources: in drive order, the first starting at drive time 0; never empty.
        failures: what was given and could not be opened.
    """

    sources: tuple[FootageSource, ...]
    failures: tuple[Failure, ...]


def open_footage(paths: Sequence[Path]) -> OpenedFootage:
    """Open the footage of one drive.

    A folder stands for the videos in it, or, if it has none, for its photos;
    sub-folders are not looked into. Photos given one by one are one source. See
    `arrange` for the order and the drive clock.

    Args:
        paths: video files, photos and folders; a file given twice counts once.

    Raises:
        NotFoundError: nothing given can be used, and the first thing does not exist.
        FootageError: nothing given can be used; the message is about the first thing.
    """
    opening = _Opening()
    for path in paths:
        opening.add(path)
    opening.add_album(opening.loose_photos)
    if opening.sources:
        return OpenedFootage(
            sources=arrange(opening.sources), failures=tuple(opening.failures)
        )
    if opening.errors:
        raise opening.errors[0]
    msg = "no footage was given; give a video, a photo or a folder of them"
    raise FootageError(msg)


@dataclass(slots=True)
class _Opening:
    """What has been opened so far."""

    sources: list[VideoSource | PhotoSource] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    loose_photos: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    errors: list[AuditError] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Open a file or what a folder holds; a bad item is recorded."""
        if not path.is_dir():
            self._add_file(path)
            return
        if self._is_seen(path):
            return
        videos = _files(path, VIDEO_SUFFIXES)
        for video in videos:
            self._add_file(video)
        photos = [] if videos else _files(path, PHOTO_SUFFIXES)
        if photos:
            self.add_album(photos, name=path.name)
        elif not videos:
            msg = f"folder {path} holds no video and no photo; give the camera's folder"
            self._refuse(path.name, FootageError(msg))

    def add_album(self, paths: Sequence[Path], *, name: str | None = None) -> None:
        """Open photos as one source; none is no source."""
        if not paths:
            return
        shown = paths[0].name if len(paths) == 1 else f"{len(paths)} photos"
        try:
            album, bad = open_photos(paths, name=name or shown)
        except FootageError as error:
            self._refuse(name or shown, error)
            return
        self.sources.append(album)
        self.failures.extend(bad)

    def _is_seen(self, path: Path) -> bool:
        """Say if this path came before; remember it."""
        seen = path.resolve() in self.seen
        self.seen.add(path.resolve())
        return seen

    def _add_file(self, path: Path) -> None:
        if self._is_seen(path):
            return
        try:
            if path.is_file() and path.stat().st_size and is_photo(path):
                self.loose_photos.append(path)
                return
            self.sources.append(open_video(path))
        except (FootageError, NotFoundError) as error:
            self._refuse(path.name, error)
        except OSError as error:
            msg = f"footage {path} cannot be read ({error.strerror}); check its rights"
            self._refuse(path.name, FootageError(msg))

    def _refuse(self, item: str, error: AuditError) -> None:
        self.errors.append(error)
        self.failures.append(Failure.of(item, error))


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """Return a folder's visible files of some kinds in name order."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes
        and path.is_file()
        and not path.name.startswith(".")
    ]
    return sorted(found, key=lambda path: name_order(path.name))
