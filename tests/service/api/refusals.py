"""Walks all routes of an app and tells which of them let somebody in who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fastapi.routing import iter_route_contexts

from tests.service.api.guarded import Asked

OPEN = {
    "/health/live": "probes have no key",
    "/health/ready": "probes have no key",
    "/openapi.json": "the source is public, and so is what it answers",
    "/": "the page where people sign in",
    "/assets": "what that page is made of",
    "/evidence/{name}": "the link's signature is the permission",
}
"""Asked without a key, and why. Nothing else may be."""

CITY_WIDE = {
    "/standards/{id}": "rules are the same in every district",
    "/models/{id}": "models are the same in every district",
}
"""Their objects lie in no district."""

DEVICES_READ: dict[str, str] = {}
"""What a vehicle's key may read, and why."""

OWN, OTHER = "魏都区", "建安区"
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
_READS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk.

    Attributes:
        city: the app and its store.
        objects: route -> the values of its places that name an object in `OWN`.
        open_routes: are asked without a key.
    """

    city: Asked
    objects: Mapping[str, Mapping[str, str]]
    open_routes: Mapping[str, str] = field(default_factory=lambda: OPEN)

    def wrong(self) -> list[str]:
        """Return one sentence for everything that is not refused as it should be."""
        return [
            f"{method} {route}: {sentence}"
            for method, route in self.routes()
            if route not in self.open_routes
            for sentence in (
                *self._anonymous(method, route),
                *self._roles(method, route),
                *self._district(method, route),
            )
        ]

    def routes(self) -> Iterator[tuple[str, str]]:
        """Yield every method and template that the app answers."""
        for route in iter_route_contexts(self.city.app.routes):
            template = re.sub(r":\w+\}", "}", str(route.path))
            for method in sorted(route.methods or {"GET"}):
                if method != "HEAD" or "GET" not in (route.methods or ()):
                    yield method, template

    def _anonymous(self, method: str, route: str) -> Iterator[str]:
        answer = self._ask(method, route, {})
        if answer != 401:
            yield f"without a key it answers {answer}, not 401"

    def _roles(self, method: str, route: str) -> Iterator[str]:
        reads = method in _READS
        if reads and route in DEVICES_READ:
            return
        role = "device" if reads else "centre"
        answer = self._ask(method, route, self.city.key(role))
        if answer != 403:
            yield f"a key of role {role} gets {answer}, not 403"

    def _district(self, method: str, route: str) -> Iterator[str]:
        if not _PLACE.search(route) or route in CITY_WIDE:
            return
        if route not in self.objects:
            yield "no object of it is named in the test"
            return
        answer = self._ask(method, route, self.city.key("admin", OTHER))
        if answer != 404:
            yield f"a key of another district gets {answer}, not 404"
        answer = self._ask(method, route, self.city.key("admin", OWN))
        if answer in {401, 403, 404} or answer >= 500:
            yield f"a key of its own district gets {answer}"

    def _ask(self, method: str, route: str, headers: dict[str, str]) -> int:
        values = self.objects.get(route, {})
        path = _PLACE.sub(lambda place: values.get(place[1], "x1"), route)
        query = values.get("?", "")
        answer = self.city.client().request(method, path + query, headers=headers)
        return answer.status_code
