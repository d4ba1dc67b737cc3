"""The parts of a scoring standard: elements, units, rules, red lines, grades."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]

FULL_POINTS = 100.0
"""Points of a spotless street, and what the weights of a standard sum to."""

PLACES = frozenset({"school", "market", "station", "hospital", "commercial"})
"""Kinds of places near which finds may weigh more or cross a red line."""
ROAD_CLASSES = ("1", "2", "3", "4", "alley")
FORESEEN = frozenset(
    {
        "banner", "barrier_free_blocked", "cigarette_butt", "drying", "dust",
        "goods_stacked", "kerb_damaged", "mud", "sewage", "spill", "water",
    }
)  # fmt: skip
"""Categories that standards may name besides the taxonomy's: no model sees them yet."""


class Part(BaseModel):
    """Frozen; a key that nobody reads is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Element(Part):
    """One of 六净一洁.

    Attributes:
        zones: ground whose coverage makes the element observable.
        seen_when: `each` = mean over zones and sides, `any` = where one of its zones
            is seen, `all` = where all of its zones are seen.
    """

    id: Text
    zh: Text
    en: Text
    weight: float = Field(gt=0, le=FULL_POINTS)
    zones: tuple[str, ...] = Field(min_length=1)
    seen_when: Literal["each", "any", "all"]


class Unit(Part):
    """How finds are counted.

    Attributes:
        cell_m: cells along the segment, per side; None = each find by itself.
        capacity: most units one cell can hold; None = no limit.
        run_longer_than_m: neighbouring dirty cells longer than this are a run.
        run_probability: a cell dirty with at least this probability joins a run.
    """

    cell_m: float | None = Field(default=None, gt=0)
    capacity: int | None = Field(default=None, ge=1)
    run_longer_than_m: float | None = Field(default=None, ge=0)
    run_probability: Fraction = 0.0


class Rule(Part):
    """What costs points, where and how many.

    Attributes:
        categories: taxonomy ids (or ids no installed model sees yet).
        zones: zone of the find -> element id.
        any_zone: element for every other zone and for an unknown one.
        fallback: element that takes the find when its own is not assessed.
        a: points of the element per unit.
        levels: severity level -> factor; the first is the default.
        default_level: category -> level where the first is not its default.
        run_level: level of finds in a run of cells (see `Unit`).
        allowance_per_100m: road class -> units forgiven per 100 m; a class that is not
            named is forgiven none.
        safety: never diluted by length (L = 1).
        prior_per_100m: expected number where nothing is known; interval only.
    """

    id: Text
    zh: Text
    en: Text
    categories: tuple[str, ...] = Field(min_length=1)
    zones: dict[str, str] = Field(default_factory=dict)
    any_zone: str | None = None
    fallback: str | None = None
    unit: str
    a: float = Field(gt=0)
    levels: dict[str, Annotated[float, Field(ge=0)]] = Field(min_length=1)
    default_level: dict[str, str] = Field(default_factory=dict)
    run_level: str | None = None
    allowance_per_100m: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict
    )
    safety: bool = False
    prior_per_100m: float = Field(default=0.0, ge=0)
    gb47678: tuple[str, ...] = ()
    gb30428: tuple[str, ...] = ()
    source: Literal["seed", "design", "own"]

    def element_in(self, zone: str | None) -> str | None:
        """Return the element a find in `zone` dirties; None if the rule has none."""
        if zone is not None and zone in self.zones:
            return self.zones[zone]
        return self.any_zone

    def level_of(self, category: str) -> str:
        """Return the level of a find of which no severity is known."""
        return self.default_level.get(category, next(iter(self.levels)))


class ZoneFactor(Part):
    """A kind of place around which finds weigh more."""

    zh: Text
    en: Text
    factor: float = Field(ge=1)
    within_m: float = Field(gt=0)


class RedLine(Part):
    """A find that caps the grade.

    Attributes:
        rule: finds under this rule cross it.
        near: only near a place of this kind; None = anywhere.
        within_m: how near.
    """

    id: Text
    zh: Text
    en: Text
    rule: str
    near: str | None = None
    within_m: float | None = Field(default=None, gt=0)


class RedLinePolicy(Part):
    """The best grade under a red line, and when an unreviewed find counts."""

    ceiling: str
    provisional_probability: Fraction


AbnormalReason = Literal["rain", "snow", "works", "festival"]
"""Why the passes of a day do not count."""


class Exempt(Part):
    """Hours in which what some rules speak of does not count.

    Attributes:
        rules: ids.
        begin: `HH:MM` of the city's clock, included.
        end: `HH:MM`, excluded; before `begin` where the hours span midnight.
    """

    id: Text
    zh: Text
    en: Text
    rules: tuple[Text, ...] = Field(min_length=1)
    begin: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Grade(Part):
    """A grade and the least value that earns it."""

    id: Text
    en: Text
    floor: float = Field(ge=0, le=FULL_POINTS)


class CoverageRule(Part):
    """How much must be seen before a street may be scored; fractions."""

    element_seen_min: Fraction
    overall_seen_min: Fraction
    unseen_weight_max: Fraction


class Display(Part):
    """Decimals shown; the rest is cut off, never rounded up."""

    decimals: int = Field(ge=0, le=6)


class IntervalRule(Part):
    """Percentiles of the interval, as fractions, and the prior's weight in metres.

    Attributes:
        prior_length_m: of one drive.
        window_prior_length_m: of a window of passes, over which a city's usual rates
            are better known; None for the same.
    """

    low: Fraction
    high: Fraction
    prior_length_m: float = Field(gt=0)
    window_prior_length_m: float | None = Field(default=None, gt=0)


class LevelName(Part):
    """A severity level's name for people."""

    zh: Text
    en: Text
