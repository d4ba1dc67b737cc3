"""All drives whose raw footage is still kept are looked at again by another model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.intake.submit import Sender, inspect_again
from service.settings import Settings
from service.store import Store
from service.told import ListedDrive
from vision.catalogue import load_card
from vision.errors import Failure, InputError, NotFoundError

LATER_PRIORITY = 80
"""Of drives that are looked at again: what comes in new goes first."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Again:
    """What became of the drives.

    Attributes:
        queued: drives that wait for the model now, the latest first.
        before: drives that it has looked at, or that wait for it already.
        gone: drives that it cannot look at, each with the reason.
    """

    queued: tuple[str, ...]
    before: tuple[str, ...]
    gone: tuple[Failure, ...]


def inspect_all_again(
    settings: Settings, store: Store, sender: Sender, *, since_s: float | None = None
) -> Again:
    """Queue every drive of the store once more, the latest first.

    What was seen and scored before stays, under the model that saw it.

    Args:
        settings: where the quarantine lies.
        store: keeps drives and jobs.
        sender: who asks, and for which model.
        since_s: drives that began before are left out; None for all.

    Raises:
        NotFoundError: there is no such model.
    """
    model = load_card(sender.model or "street", settings.jobs.models)
    sender = replace(sender, model=model.id)
    queued: list[str] = []
    before: list[str] = []
    gone: list[Failure] = []
    for drive in _drives(store, since_s):
        eyes = {(one.model_id, one.model_sha256) for one in drive.inspections}
        if (model.id, model.sha256) in eyes:
            before.append(drive.id)
            continue
        try:
            _, new = inspect_again(settings, store, drive.id, sender)
        except (NotFoundError, InputError) as error:
            gone.append(Failure.of(drive.id, error))
            continue
        (queued if new else before).append(drive.id)
    return Again(tuple(queued), tuple(before), tuple(gone))


def _drives(store: Store, since_s: float | None) -> Iterator[ListedDrive]:
    after: tuple[float, str] | None = None
    while page := store.list_drives(after=after, limit=_AT_ONCE):
        for drive in page:
            if since_s is not None and drive.started_s < since_s:
                return
            yield drive
        after = (page[-1].started_s, page[-1].id)
