"""The picture of a Label Studio task, fetched; nothing of it is kept.

It comes from our own store, from the Label Studio of the settings, or from an address
that anybody may reach: a project's data must not send us around in the city's network.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from service.links import link_secret, signed_by_us
from service.outward import check_url
from service.settings import Settings
from service.store import Store
from vision.errors import InputError

MOST_BYTES = 64 * 1024 * 1024
_TIMEOUT_S = 20.0
_OK = 200
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches pictures as the settings allow.

    Attributes:
        settings: `review.url` and `review.token` open Label Studio's own pictures.
        store: has ours.
    """

    settings: Settings
    store: Store

    def __call__(self, url: str) -> bytes:
        """Return the bytes of a picture.

        Raises:
            InputError: it cannot be had; the message holds no token or signature.
            NotFoundError: it is ours and gone.
        """
        parts = urlsplit(url)
        if parts.path.startswith("/evidence/") and "sig=" in parts.query:
            return self._ours(url)
        desk = (self.settings.review.url or "").rstrip("/")
        if not parts.scheme and parts.path.startswith("/") and desk:
            return _get(desk + url, private=True, headers=self._opened(desk))
        if desk and url.startswith(desk + "/"):
            return _get(url, private=True, headers=self._opened(desk))
        return _get(url, private=self.settings.hooks.private, headers={})

    def _ours(self, url: str) -> bytes:
        parts = urlsplit(url)
        name, asked = unquote(parts.path.rpartition("/")[2]), parse_qs(parts.query)
        until = asked.get("until", [""])[0]
        until_s = int(until) if until.isdecimal() else 0
        sig = asked.get("sig", [""])[0]
        good = signed_by_us(link_secret(self.store), name, until_s, sig)
        if not good or until_s <= time.time():
            msg = f"the link of the picture {name} is not ours or has expired"
            raise InputError(msg)
        return self.store.blobs.get(name)

    def _opened(self, desk: str) -> Mapping[str, str]:
        """Return what opens Label Studio: an access token for a personal one."""
        secret = self.settings.review.token
        if secret is None:
            msg = "Label Studio's own pictures need review.token; set it"
            raise InputError(msg)
        token = secret.get_secret_value()
        if token.count(".") != 2:
            return {"Authorization": f"Token {token}"}
        body = json.dumps({"refresh": token}).encode()
        answer = _asked(
            f"{desk}/api/token/refresh/", private=True, headers=_JSON, body=body
        )
        try:
            access = str(json.loads(answer)["access"])
        except (ValueError, KeyError, TypeError) as error:
            msg = "Label Studio gives no access for our token; make a new one"
            raise InputError(msg) from error
        return {"Authorization": f"Bearer {access}"}


def _get(url: str, *, private: bool, headers: Mapping[str, str]) -> bytes:
    return _asked(url, private=private, headers=headers, body=None)


def _asked(
    url: str, *, private: bool, headers: Mapping[str, str], body: bytes | None
) -> bytes:
    parts, port, address = check_url(url, private=private)
    host = parts.hostname or ""
    where = f"the picture at {host}{parts.path}"
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        tls = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, port, timeout=_TIMEOUT_S, context=tls
        )
    else:
        connection = http.client.HTTPConnection(address, port, timeout=_TIMEOUT_S)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        named = {"Host": parts.netloc, **headers}
        connection.request("GET" if body is None else "POST", target, body, named)
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        msg = f"{where} cannot be had ({type(error).__name__}); check the address"
        raise InputError(msg) from error
    finally:
        connection.close()
    if answer.status != _OK:
        msg = f"{where} cannot be had: it answers {answer.status}"
        raise InputError(msg)
    if len(content) > MOST_BYTES:
        msg = f"{where} has more than {MOST_BYTES // 2**20} MB; make it smaller"
        raise InputError(msg)
    return content
