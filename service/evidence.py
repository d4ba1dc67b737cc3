"""verify(): every kept picture is the one that was taken, and none was taken out.

The chain shows that no row was changed, taken out or put between. Who can write to the
database could write the whole chain anew: against that, note its head elsewhere, and
give it again when it is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from service.records import ChainLink
from service.store import BEGINNING, Store, link_hash
from vision.errors import Failure, NotFoundError

_CHAIN, _PICTURE, _LEFT_OUT = "chain_broken", "picture_changed", "picture_not_chained"
_ROWS = 1000
_ADVICE = "compare with a backup to see what was there"


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk along the chain from its beginning.

    Attributes:
        rows: that are as they were written.
        head: hash of the last of them; zeros where there is none.
        broken: what is wrong with the row after them; None if nothing is.
        noted: whether a head that was noted before was met.
    """

    rows: int
    head: str
    broken: Failure | None
    noted: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of all pictures came to.

    Attributes:
        rows: of the chain, that are as they were written.
        pictures: whose bytes were read.
        head: hash of the last good row.
        gone: pictures that may be gone, and are: their days were over.
        failures: one sentence for each thing that is wrong.
    """

    rows: int
    pictures: int
    head: str
    gone: int
    failures: tuple[Failure, ...]


def verify(
    store: Store, *, noted: str | None = None, kept_since_s: float | None = None
) -> Verified:
    """Check the chain, the bytes of every picture, and that none was left out.

    Args:
        store: with its pictures.
        noted: a head of the chain that was noted elsewhere; None for none.
        kept_since_s: pictures that came in before may be gone, no others; None for
            those that a row says were deleted.
    """
    walked = walk(store, noted=noted)
    failures = [] if walked.broken is None else [walked.broken]
    if noted is not None and walked.broken is None and not walked.noted:
        failures.append(_not_met(noted))
    if walked.broken is None:
        failures += _left_out(store)
    pictures = gone = 0
    for name, row, at_s in _names(store):
        wrong = what_is_wrong(store, name)
        if wrong is None:
            pictures += 1
        elif _is_missing(store, name) and _may_be_gone(store, name, at_s, kept_since_s):
            gone += 1
        else:
            said = f"row {row} of the chain: {wrong}; {_ADVICE}"
            failures.append(Failure(name, _PICTURE, said))
    return Verified(walked.rows, pictures, walked.head, gone, tuple(failures))


def walk(store: Store, *, to: int | None = None, noted: str | None = None) -> Walked:
    """Check every row of the chain from the first on, up to one; None for all."""
    rows, head, met = 0, BEGINNING, noted == BEGINNING
    for link in _links(store, to):
        said = _break(link, rows, head)
        if said is not None:
            failure = Failure(f"row {rows + 1}", _CHAIN, f"{said}; {_ADVICE}")
            return Walked(rows, head, failure, met)
        rows, head = link.row, link.hash
        met = met or head == noted
    return Walked(rows, head, None, met)


def what_is_wrong(store: Store, name: str) -> str | None:
    """Say what is wrong with the bytes of a picture; None if they are its own."""
    try:
        content = store.blobs.get(name)
    except NotFoundError:
        return f"the picture {name} is missing"
    if hashlib.sha256(content).hexdigest() == PurePath(name).stem:
        return None
    return f"the bytes of the picture {name} were changed"


def _may_be_gone(
    store: Store, name: str, at_s: float, kept_since_s: float | None
) -> bool:
    if kept_since_s is None:
        return store.picture_gone_s(name) is not None
    return at_s < kept_since_s


def _is_missing(store: Store, name: str) -> bool:
    try:
        store.blobs.get(name)
    except NotFoundError:
        return True
    return False


def _break(link: ChainLink, rows: int, head: str) -> str | None:
    if link.row != rows + 1:
        return f"row {rows + 1} of the evidence chain was taken out"
    if link.previous != head:
        return (
            f"row {link.row} of the evidence chain does not follow the row before it: "
            "one of them was written anew"
        )
    if link_hash(link) != link.hash:
        return (
            f"row {link.row} of the evidence chain (picture {link.name}) was changed "
            "after it was written"
        )
    return None


def _not_met(noted: str) -> Failure:
    said = (
        f"no row of the evidence chain has the noted hash {noted}: the chain was cut "
        f"or written anew since; {_ADVICE}"
    )
    return Failure(noted, _CHAIN, said)


def _left_out(store: Store) -> Iterator[Failure]:
    for inspection in _inspections(store):
        missing = store.unchained(inspection)
        if missing:
            said = (
                f"the inspection {inspection} has {len(missing)} pictures that the "
                f"evidence chain does not have, the first is {missing[0].name}: rows "
                f"at its end were taken out, or a sighting was changed; {_ADVICE}"
            )
            yield Failure(inspection, _LEFT_OUT, said)


def _links(store: Store, to: int | None) -> Iterator[ChainLink]:
    after = 0
    while some := store.chain(after=after, to=to, limit=_ROWS):
        yield from some
        after = some[-1].row


def _names(store: Store) -> Iterator[tuple[str, int, float]]:
    after = ""
    while some := store.chained_names(after=after, limit=_ROWS):
        yield from some
        after = some[-1][0]


def _inspections(store: Store) -> Iterator[str]:
    after = ""
    while some := store.inspections(after=after):
        yield from some
        after = some[-1]
