"""settle(): what passes and verdicts come to is written down as findings and covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.findings import covers_across, findings_across
from service.memory.carried import carry_words
from service.memory.street import Terms
from service.store import Store

_STREETS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Settled:
    """How much was written.

    Attributes:
        streets: gone through.
        findings: rows added, those taken back among them.
        covers: likewise.
    """

    streets: int
    findings: int
    covers: int


def settle(
    store: Store,
    terms: Terms,
    *,
    known_s: float,
    segment_ids: Iterable[str] | None = None,
) -> Settled:
    """Write the findings and covers of streets where anything about them changed.

    They are those of all passes and verdicts that are known; the standard has no part
    in them. Doing it twice adds nothing.

    Args:
        store: the city's memory.
        terms: its rule of memory, calendar and layers count.
        known_s: since when the result is known.
        segment_ids: only these streets; None for all.
    """
    if segment_ids is None:
        segment_ids = [segment.id for segment in store.segments()]
    wanted = sorted(set(segment_ids))
    carry_words(store, terms.rule, streets=wanted, known_s=known_s)
    findings = covers = 0
    for start in range(0, len(wanted), _STREETS_AT_ONCE):
        some = wanted[start : start + _STREETS_AT_ONCE]
        known, assets = {}, {}
        for street in some:
            looks = store.looks(street)
            verdicts = store.verdicts({look.inspection_id for look in looks})
            counted = [c for look in looks if (c := terms.countable(look)) is not None]
            known[street] = findings_across(
                counted, verdicts, roles=terms.roles, rule=terms.rule
            )
            assets[street] = covers_across(looks, verdicts, rule=terms.rule)
        findings += store.add_findings(known, known_s=known_s)
        covers += store.add_covers(assets, known_s=known_s)
    return Settled(len(wanted), findings, covers)
