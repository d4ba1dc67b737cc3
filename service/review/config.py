"""A labelling page as Label Studio writes it, read for what can be chosen on it.

Nothing is expanded or fetched, whatever the page says: it may be anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BOXES = {"rectanglelabels": "RectangleLabels", "labels": "Labels"}
_CONTROLS = {**_BOXES, "choices": "Choices", "textarea": "TextArea", "image": "Image"}
_VALUES = {"label", "choice"}


@dataclass(frozen=True, slots=True)
class Control:
    """One thing on a page that can be answered, or the picture.

    Attributes:
        name: unique on the page.
        tag: `RectangleLabels`, `Labels`, `Choices`, `TextArea`, `Image`.
        to_name: picture that it is about; empty for a picture.
        value: for a picture `$field` of the task's data; empty for others.
        values: what is stored -> what people read, in the page's order.
    """

    name: str
    tag: str
    to_name: str
    value: str
    values: Mapping[str, str]


@dataclass(slots=True)
class _Open:
    tag: str
    facts: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Open] = []
        self._in: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in _CONTROLS:
            one = _Open(tag, facts)
            self.found.append(one)
            self._in.append(one)
        elif tag in _VALUES and self._in and facts.get("value"):
            said = facts["value"]
            self._in[-1].values[facts.get("alias") or said] = said

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._in and self._in[-1].tag == tag:
            self._in.pop()


def controls_of(config: str) -> list[Control]:
    """Return what can be answered on a page, and its pictures, in its order."""
    reader = _Reader()
    reader.feed(config)
    reader.close()
    return [
        Control(
            name=one.facts.get("name", ""),
            tag=_CONTROLS[one.tag],
            to_name=one.facts.get("toname", ""),
            value=one.facts.get("value", ""),
            values=one.values,
        )
        for one in reader.found
    ]
