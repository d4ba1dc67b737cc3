"""One request out of the house: to a public address, in time, following nothing.

A webhook's address comes from outside. So that nobody makes the service ask its own
network, a name is looked up once, every address that it has must be public, and the
connection goes to the address that was checked, not to the name.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from vision.errors import InputError

Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_READ_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted; the address was checked to be one."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        status: of HTTP; None where there was no answer.
        reason: why it failed, without the address; None if it did not.
    """

    status: int | None
    reason: str | None

    @property
    def gone(self) -> bool:
        """Say if the receiver wants nothing more."""
        return self.status == http.client.GONE


Send = Callable[[Request], Answer]


class AddressError(InputError):
    """An address that nothing may be sent to."""

    code = "address_error"


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a name.

    Raises:
        AddressError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        msg = "the url's host has no address; check its name"
        raise AddressError(msg) from error
    return [str(row[4][0]) for row in found]


def check_url(
    url: str, *, private: bool, resolve: Resolve = addresses_of
) -> tuple[SplitResult, int, str]:
    """Return an address's parts, its port and the number to connect to.

    Args:
        url: http or https.
        private: addresses that are not public are good, too.
        resolve: looks names up.

    Raises:
        AddressError: nothing may be sent there.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        msg = "the url must be http://HOST/... or https://HOST/..., with a good port"
        raise AddressError(msg) from error
    if not parts.hostname:
        msg = "the url has no host; write https://HOST/..."
        raise AddressError(msg)
    if parts.username is not None or parts.password is not None:
        msg = "the url holds a name or password; deliveries are signed instead"
        raise AddressError(msg)
    found = resolve(parts.hostname, port)
    if not private and not all(map(is_public, found)):
        msg = (
            "the url leads to a private address; give a public one, or set "
            "hooks.private = true if receivers stand in your own network"
        )
        raise AddressError(msg)
    return parts, port, found[0]


def is_public(address: str) -> bool:
    """Say if an IP address is anybody's to reach, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if ip.teredo is not None:
            return False
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def sender(*, private: bool, timeout_s: float, resolve: Resolve = addresses_of) -> Send:
    """Return what posts a request, and always tells what came of it.

    Args:
        private: see `check_url`, which is asked again for each request.
        timeout_s: for each step; the whole takes at most twice as long.
        resolve: looks names up.
    """
    tls = ssl.create_default_context()

    def send(request: Request) -> Answer:
        try:
            parts, port, address = check_url(
                request.url, private=private, resolve=resolve
            )
        except AddressError as error:
            return Answer(None, str(error))
        context = tls if parts.scheme == "https" else None
        connection = _Pinned(parts.hostname or "", port, address, context, timeout_s)
        return _post(connection, parts, request)

    return send


class _Pinned(http.client.HTTPConnection):
    """Goes to an address that was checked, whatever its host's name says now."""

    def __init__(
        self,
        host: str,
        port: int,
        address: str,
        context: ssl.SSLContext | None,
        timeout_s: float,
    ) -> None:
        if context is not None:
            self.default_port = http.client.HTTPS_PORT
        super().__init__(host, port, timeout=timeout_s)
        self._address, self._context, self._timeout_s = address, context, timeout_s

    def connect(self) -> None:
        """Connect, and shake hands for the host's name."""
        self.sock = socket.create_connection(
            (self._address, self.port), self._timeout_s
        )
        if self._context is not None:
            tls = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = tls
            tls.do_handshake()

    def post(self, target: str, request: Request) -> int:
        """Return the status of the answer, which must come before time is up."""
        alarm = threading.Timer(2 * self._timeout_s, self._cut)
        alarm.daemon = True
        alarm.start()
        try:
            self.request("POST", target, request.body, dict(request.headers))
            answer = self.getresponse()
            answer.read(_READ_BYTES)
        finally:
            alarm.cancel()
            self.close()
        return answer.status

    def _cut(self) -> None:
        """End whatever the socket waits for."""
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _post(connection: _Pinned, parts: SplitResult, request: Request) -> Answer:
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        status = connection.post(target, request)
    except TimeoutError:
        return Answer(None, "no answer in time")
    except ssl.SSLError as error:
        return Answer(None, f"no safe connection: {error.reason}")
    except OSError as error:
        return Answer(None, f"no connection: {error.strerror or type(error).__name__}")
    except (http.client.HTTPException, ValueError) as error:
        return Answer(None, f"no proper answer: {type(error).__name__}")
    if 200 <= status < 300:
        return Answer(status, None)
    more = "; redirects are not followed" if 300 <= status < 400 else ""
    return Answer(status, f"answered {status}{more}")
