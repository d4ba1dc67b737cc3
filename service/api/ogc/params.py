"""What a request for features asks for: every parameter is checked, none is ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.datastructures import QueryParams

from service.api.asked import Reader
from service.api.ogc.crs import ALL, CRS84, Area, Crs, area_of, crs_of
from service.api.ogc.kinds import Kind
from service.store import PlaceQuery
from vision.errors import InputError

USUAL_LIMIT = 100
_LAST_NUMBER = 2**31 - 1
_LONGEST = 2000
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_WHOLE = re.compile(r"[0-9]+", re.ASCII)
_FORMATS = ("json", "geojson")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A page of features.

    Attributes:
        limit: features on it, within the settings' bound.
        after: number of the last row before it.
        crs: what positions are written in.
        area: where; None for everywhere.
        query: what the store is asked.
        given: the parameters but the cursor, as they were given.
    """

    limit: int
    after: int
    crs: Crs
    area: Area | None
    query: PlaceQuery
    given: tuple[tuple[str, str], ...]

    def address(self, base: str, *, after: int) -> str:
        """Return the address of the page after a row."""
        cursor = [("cursor", str(after))] if after else []
        given = urlencode([*self.given, *cursor], safe=",:/")
        return f"{base}?{given}" if given else base


def no_more_parameters(request: Request, _: Reader) -> None:
    """Refuse what nobody would read; a dependency of routes without parameters.

    Raises:
        InputError: a parameter is not known.
    """
    _checked(request.query_params, ())


def read_crs(params: QueryParams, kind: Kind) -> tuple[Crs, PlaceQuery]:
    """Return how one feature is asked for.

    Raises:
        InputError: a parameter is wrong or not known.
    """
    own = ("standard_id",) if "standard_id" in kind.queryables else ()
    given = _checked(params, ("crs", *own))
    equal = {name: given[name] for name in own if name in given}
    return _crs(given, "crs"), PlaceQuery(equal=equal)


def read_asked(params: QueryParams, kind: Kind, *, most: int) -> Asked:
    """Return which page of which features is asked for.

    Raises:
        InputError: a parameter is wrong or not known.
    """
    known = ("limit", "cursor", "bbox", "bbox-crs", "crs", "datetime")
    given = _checked(params, (*known, *kind.queryables))
    system = _crs(given, "bbox-crs")
    area = area_of(given["bbox"], system) if "bbox" in given else None
    from_s, to_s = _times(given.get("datetime"))
    query = PlaceQuery(
        boxes=() if area is None else area.outer,
        from_s=from_s,
        to_s=to_s,
        equal={name: given[name] for name in kind.queryables if name in given},
    )
    return Asked(
        limit=min(_limit(given.get("limit")), most),
        after=_after(given.get("cursor")),
        crs=_crs(given, "crs"),
        area=area,
        query=query,
        given=tuple((name, text) for name, text in given.items() if name != "cursor"),
    )


def _checked(params: QueryParams, known: Iterable[str]) -> dict[str, str]:
    """Return parameters by name, each known, once, and of a sane form."""
    names = ("f", *known)
    given: dict[str, str] = {}
    for name, text in params.multi_items():
        if name not in names:
            msg = f"{name[:60]!r} is no parameter here; there are {', '.join(names)}"
            raise InputError(msg)
        if name in given:
            msg = f"{name} is given twice; give it once"
            raise InputError(msg)
        if "\0" in text or len(text) > _LONGEST:
            msg = (
                f"{name}: this is no text of at most {_LONGEST} characters; correct it"
            )
            raise InputError(msg)
        given[name] = text
    if given.get("f", _FORMATS[0]) not in _FORMATS:
        msg = f"f: {given['f'][:60]!r} is no form that we write; take json"
        raise InputError(msg)
    return given


def _crs(given: dict[str, str], name: str) -> Crs:
    return crs_of(given.get(name, CRS84), parameter=name)


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL_LIMIT
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        msg = f"limit: {text[:60]!r} is no whole number from 1 on; correct it"
        raise InputError(msg)
    return int(text)


def _after(text: str | None) -> int:
    if text is None:
        return 0
    if not _WHOLE.fullmatch(text) or int(text) > _LAST_NUMBER:
        msg = f"cursor: {text[:60]!r} is no cursor of ours; follow the link next"
        raise InputError(msg)
    return int(text)


def _times(text: str | None) -> tuple[float | None, float | None]:
    """Return the first and the last moment of `datetime`; None for no bound."""
    if text is None:
        return None, None
    ends = text.split("/")
    if len(ends) == 1:
        at_s = _epoch_s(text, text)
        return at_s, at_s
    open_ends = [end in {"", ".."} for end in ends]
    if len(ends) != 2 or all(open_ends):
        raise _no_time(text)
    from_s, to_s = (
        None if is_open else _epoch_s(end, text)
        for end, is_open in zip(ends, open_ends, strict=True)
    )
    if from_s is not None and to_s is not None and from_s > to_s:
        msg = f"datetime: {text!r} ends before it begins; correct it"
        raise InputError(msg)
    return from_s, to_s


def _epoch_s(end: str, text: str) -> float:
    if not _TIME.fullmatch(end):
        raise _no_time(text)
    try:
        return datetime.fromisoformat(end.upper()).timestamp()
    except (ValueError, OverflowError) as error:
        raise _no_time(text) from error


def _no_time(text: str) -> InputError:
    return InputError(
        f"datetime: {text[:100]!r} is no time like 2026-04-02T09:00:00Z and no "
        "interval like 2026-04-01T00:00:00Z/.. (in an address, + is %2B); correct it"
    )


def described(kind: Kind) -> list[dict[str, Any]]:
    """Return the parameters of a collection's items as OpenAPI has them."""
    systems = {"type": "string", "enum": list(ALL), "default": CRS84}
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": _NUMBER}
    fixed = [
        _parameter("limit", "每页要素数 features on a page", _LIMIT),
        _parameter("cursor", "页的起点，取自 next 链接 from the link next", _CURSOR),
        _parameter("bbox", "范围，4 或 6 个数 box of 4 or 6 numbers", numbers),
        _parameter("bbox-crs", "bbox 的坐标系 what bbox is given in", systems),
        _parameter("crs", "返回坐标系 what positions are written in", systems),
        _parameter(
            "datetime", "时刻或时段，RFC 3339 time or interval a/b, a/.., ../b", _TEXT
        ),
    ]
    fixed[2] |= {"style": "form", "explode": False}
    own = [_parameter(name, text, _TEXT) for name, text in kind.queryables.items()]
    return [*fixed, *own, FORMAT]


def described_one(kind: Kind) -> list[dict[str, Any]]:
    """Return the parameters of a single feature as OpenAPI has them."""
    names = {one["name"]: one for one in described(kind)}
    wanted = ("crs", "standard_id", "f")
    return [names[name] for name in wanted if name in names]


def _parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": text,
        "schema": schema,
    }


_TEXT = {"type": "string", "maxLength": _LONGEST}
_NUMBER = {"type": "number"}
_CURSOR = {"type": "integer", "minimum": 0, "maximum": _LAST_NUMBER}
_LIMIT = {"type": "integer", "minimum": 1, "default": USUAL_LIMIT}
FORMAT = _parameter(
    "f", "格式 form of the answer", {"type": "string", "enum": [*_FORMATS]}
)
