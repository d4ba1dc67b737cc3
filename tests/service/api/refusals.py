"""Walks all routes of an app and tells which of them let somebody in who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from fastapi.routing import iter_route_contexts

from service.records import Role
from tests.service.api.guarded import Asked

OPEN = {
    "/health/live": "probes have no key",
    "/health/ready": "probes have no key",
    "/openapi.json": "the source is public, and so is what it answers",
    "/": "the page where people sign in",
    "/web/names.json": "what that page calls things",
    "/web/{name}": "what that page is made of",
    "/evidence/{name}": "the link's signature is the permission",
}
"""Asked without a key, and why. Nothing else may be."""

CITY_WIDE = {
    "/standards/{standard_id}": "rules are the same in every district",
    "/ogc/collections/{collection_id}": "a kind of things, not a thing",
    "/ogc/collections/{collection_id}/queryables": "a kind of things, not a thing",
}
"""Their objects lie in no district."""

MAY: dict[tuple[str, str], tuple[Role, ...]] = {
    # a vehicle sends, and sees what became of what it sent, of no others
    ("POST", "/drives"): ("device",),
    ("POST", "/devices/me/contact"): ("device",),
    ("GET", "/devices/me/roads"): ("device",),
    ("PUT", "/drives/manifests/{manifest_name}"): ("device",),
    ("GET", "/drives/manifests"): ("device", "centre"),
    ("GET", "/drives/manifests/{manifest_name}"): ("device", "centre"),
    ("GET", "/jobs"): ("device", "reviewer", "centre"),
    ("GET", "/jobs/{job_id}"): ("device", "reviewer", "centre"),
    ("POST", "/jobs/{job_id}/cancel"): ("device",),
    ("OPTIONS", "/uploads"): ("device",),
    ("POST", "/uploads"): ("device",),
    ("GET", "/uploads/received"): ("device",),
    ("HEAD", "/uploads/{upload_id}"): ("device",),
    ("PATCH", "/uploads/{upload_id}"): ("device",),
    ("DELETE", "/uploads/{upload_id}"): ("device",),
    # the centre says where it wants to be told, and objects for responsible units
    ("GET", "/webhooks"): ("centre",),
    ("POST", "/webhooks"): ("centre",),
    ("DELETE", "/webhooks/{hook_id}"): ("centre",),
    ("POST", "/findings/{finding_id}/appeal"): ("centre",),
    # reviewers say what is real; so does their desk for them
    ("POST", "/findings/{finding_id}/reviews"): ("reviewer",),
    ("POST", "/review/webhook"): ("reviewer",),
}
"""Who may do what beside admin, which may all. Of the rest `READERS` read, and nobody
else changes anything."""
READERS: tuple[Role, ...] = ("reviewer", "centre")

OWN_NAMES = {
    ("PUT", "/drives/manifests/{manifest_name}"): "each key has names of its own",
}
"""What is made under a name is the caller's own, in any district."""

WITHOUT_FOOTAGE = {
    "/drives/{drive_id}/inspect": "the drive of the test was never in the quarantine",
}
"""Answer 404 in the own district too, and why."""

OWN, OTHER = "魏都区", "建安区"
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
_READS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk.

    Attributes:
        city: the app and its store.
        objects: place of a route -> what names an object in `OWN` there; of one route
            alone under `ROUTE PLACE`, and its query under `ROUTE ?`.
        open_routes: are asked without a key.
    """

    city: Asked
    objects: Mapping[str, str]
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
        usual = READERS if method in _READS else ()
        allowed = ("admin", *MAY.get((method, route), usual))
        for role in get_args(Role):
            if role in allowed:
                continue
            answer = self._ask(method, route, self.city.key(role))
            if answer != 403:
                yield f"a key of role {role} gets {answer}, not 403"

    def _district(self, method: str, route: str) -> Iterator[str]:
        if not _PLACE.search(route) or route in CITY_WIDE:
            return
        if (method, route) in OWN_NAMES:
            return
        if not all(self._named(route, place) for place in _PLACE.findall(route)):
            yield "no object of it is named in the test"
            return
        answer = self._ask(method, route, self.city.key("admin", OTHER))
        if answer != 404:
            yield f"a key of another district gets {answer}, not 404"
        if route in WITHOUT_FOOTAGE:
            return
        answer = self._ask(method, route, self.city.key("admin", OWN))
        if answer in {401, 403, 404} or answer >= 500:
            yield f"a key of its own district gets {answer}"

    def _ask(self, method: str, route: str, headers: dict[str, str]) -> int:
        path = _PLACE.sub(lambda place: self._named(route, place[1]) or "x1", route)
        query = self.objects.get(f"{route} ?", "")
        answer = self.city.client().request(method, path + query, headers=headers)
        return answer.status_code

    def _named(self, route: str, place: str) -> str | None:
        return self.objects.get(f"{route} {place}", self.objects.get(place))
