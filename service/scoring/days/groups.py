"""Groups of finds: those of one rule that name one element, on one street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.scoring.days.blocks import Blocks
from service.scoring.days.columns import IntArray
from service.scoring.days.steps import Setting


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups, G of them.

    Attributes:
        street: `(G,)` index of the street.
        rule: `(G,)` index of the rule.
        own: `(G,)` index of the element that the rule names.
        of_find: `(F,)` group of each find; -1 = it never counts.
        blocks: a block of rows for each group.
    """

    street: IntArray
    rule: IntArray
    own: IntArray
    of_find: IntArray
    blocks: Blocks

    @classmethod
    def of(cls, setting: Setting) -> Groups:
        """Put the finds into groups."""
        columns, known, standard = setting.columns, setting.known, setting.standard
        used = np.unique(setting.steps.find)
        shape = (len(columns.segments), len(standard.rules), len(standard.elements))
        key = np.ravel_multi_index(
            (columns.finds.street[used], known.rule[used], known.own[used]), shape
        )
        names, which = np.unique(key, return_inverse=True)
        street, rule, own = (
            part.astype(np.intp) for part in np.unravel_index(names, shape)
        )
        of_find = np.full(len(known.rule), -1)
        of_find[used] = which
        return cls(street, rule, own, of_find, Blocks.of(street, setting.rows))
