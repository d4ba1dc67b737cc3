"""One request to the service, and one answer or one sentence why there is none."""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError, SSLError
from urllib3.exceptions import TimeoutError as SilenceError

from service.vehicle.told import HoldError, Told
from vision.errors import InputError, NotFoundError

_MOST_ANSWER = 1 << 20
_LATE = 4
"""An answer that trickles is given up after so many timeouts."""
_LONGEST_TOKEN = 4096
_DATES = ("not yet valid", "expired")


class NoAnswerError(HoldError):
    """The network or the service is gone; both come back."""

    code = "no_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: at most a megabyte of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body's object.

        Raises:
            HoldError: it is none: somebody else answers at this address.
        """
        try:
            read = json.loads(self.body)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise HoldError(
                Told(
                    "答复不是本系统的格式,可能是网络登录页",
                    "the answer is not the service's; is a login page in between?",
                )
            )
        return read

    @property
    def says(self) -> str:
        """The service's own sentence, if there is one."""
        try:
            read = json.loads(self.body)
            said = str(read.get("detail") or read.get("title") or "")
        except (ValueError, AttributeError):
            said = ""
        return " ".join(said.split())[:300]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service is.

    Attributes:
        base: without a slash at its end.
    """

    base: str

    @classmethod
    def of(cls, url: str, *, insecure: bool) -> Address:
        """Read an address.

        Args:
            url: `https://HOST[:PORT][/PATH]`; http only to this machine itself.
            insecure: http is good everywhere.

        Raises:
            InputError: it is none, or would show the token to the network.
        """
        try:
            parts = urlsplit(url.strip())
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            msg = f"--server must be like https://liujing.example.cn, got {url!r}"
            raise InputError(msg)
        if parts.username is not None or parts.password is not None:
            msg = "--server must not hold a name or password; use --token-file"
            raise InputError(msg)
        if parts.query or parts.fragment:
            msg = "--server must end before ? and #; give the service's address alone"
            raise InputError(msg)
        if parts.scheme == "http" and not insecure and not _is_here(parts.hostname):
            msg = (
                "--server is plain http, which shows the token and the footage to the "
                "network; use https, or --insecure inside a tunnel of your own"
            )
            raise InputError(msg)
        base = parts._replace(path=parts.path.rstrip("/")).geturl()
        return cls(base)


def read_token(path: Path) -> str:
    """Return the token of a file.

    Raises:
        InputError: the file cannot be read or holds no token.
        NotFoundError: there is no such file.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST_TOKEN + 1)
    except FileNotFoundError as error:
        msg = f"there is no token file {path}; write the vehicle's key into it"
        raise NotFoundError(msg) from error
    except OSError as error:
        msg = f"the token file {path} cannot be read ({error.strerror})"
        raise InputError(msg) from error
    token = raw.strip()
    if not token:
        msg = f"the token file {path} is empty; write the vehicle's key into it"
        raise InputError(msg)
    if len(raw) > _LONGEST_TOKEN or any(not 33 <= c <= 126 for c in token):
        msg = f"the token file {path} must hold one key and nothing else"
        raise InputError(msg)
    return token.decode("ascii")


class Talk:
    """Speaks to one service; keeps its connection while it is good.

    Args:
        address: of the service.
        token_file: read again after a refusal, so that a new key needs no restart.
        ca: file of the authorities to trust; None for the system's.
        timeout_s: silence after which a connection is taken for dead.

    Raises:
        InputError: the token or the authorities cannot be read.
    """

    def __init__(
        self, address: Address, token_file: Path, *, ca: Path | None, timeout_s: float
    ) -> None:
        self._base = address.base
        self._token_file = token_file
        self._token = read_token(token_file)
        self._timeout_s = timeout_s
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=1,
            retries=False,
            timeout=urllib3.Timeout(connect=timeout_s, read=timeout_s),
            ssl_context=_trusting(ca),
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        """Send one request and return its answer; redirects are not followed.

        Args:
            method: of HTTP.
            path: below the service's address.
            headers: with `Content-Length` if the body comes in pieces.
            body: whole or in pieces.

        Raises:
            NoAnswerError: there is no answer.
        """
        sent = {**self._headers(), **(headers or {})}
        try:
            answer = self._pool.request(
                method,
                self._base + path,
                headers=sent,
                body=body,
                redirect=False,
                preload_content=False,
            )
            try:
                got = self._read(answer)
            finally:
                answer.release_conn()
        except (HTTPError, OSError, ssl.SSLError) as error:
            self._pool.clear()
            raise NoAnswerError(_why(error)) from error
        if answer.status == 401:
            self._token = _token_again(self._token_file, self._token)
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, lower, got)

    def ask_json(self, method: str, path: str, body: object) -> Answer:
        """Send one JSON document."""
        return self.ask(
            method,
            path,
            headers={"Content-Type": "application/json"},
            body=json.dumps(body, ensure_ascii=False).encode(),
        )

    def fetch(
        self, path: str, target: BinaryIO, *, headers: Mapping[str, str]
    ) -> Answer:
        """Ask for a file and write it down as it comes; the answer has no body.

        Args:
            path: below the service's address.
            target: gets the body of a good answer.
            headers: of the request.

        Raises:
            NoAnswerError: there is no answer, or it was cut short.
            OSError: it cannot be written down.
        """
        try:
            answer = self._pool.request(
                "GET",
                self._base + path,
                headers={**self._headers(), "Accept-Encoding": "gzip", **headers},
                redirect=False,
                preload_content=False,
            )
            for part in answer.stream(1 << 16, decode_content=True):
                if answer.status == 200:
                    target.write(part)
            answer.release_conn()
        except (HTTPError, ssl.SSLError) as error:
            self._pool.clear()
            raise NoAnswerError(_why(error)) from error
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, lower, b"")

    def close(self) -> None:
        """End the connection."""
        self._pool.clear()

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "User-Agent": "liujing-upload",
        }

    def _read(self, answer: urllib3.BaseHTTPResponse) -> bytes:
        ends_s = time.monotonic() + _LATE * self._timeout_s
        got = bytearray()
        while len(got) < _MOST_ANSWER and (part := answer.read1(1 << 16)):
            got += part
            if time.monotonic() > ends_s:
                answer.close()
                raise NoAnswerError(Told("答复太慢", "the answer only trickles"))
        if len(got) >= _MOST_ANSWER:
            answer.close()
        return bytes(got)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        why = error.strerror or "no certificates in PEM form"
        msg = f"the file of authorities {ca} cannot be read ({why}); check --ca"
        raise InputError(msg) from error


def _token_again(path: Path, before: str) -> str:
    try:
        return read_token(path)
    except (InputError, NotFoundError):
        return before


def _why(error: Exception) -> Told:
    """Return a sentence for a connection that failed, without the address."""
    inner = error.args[-1] if isinstance(error, SSLError) and error.args else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        why = inner.verify_message
        if any(word in why for word in _DATES):
            today = time.strftime("%Y-%m-%d", time.gmtime())
            return Told(
                f"证书日期不符,本机时钟为 {today},请校时",
                f"the certificate is {why} on {today}; is this clock right?",
            )
        return Told("服务器证书不可信", f"the certificate is refused: {why}")
    if isinstance(error, SSLError):
        return Told("安全连接失败", "no safe connection")
    if isinstance(error, NameResolutionError):
        return Told("找不到服务器域名", "the server's name has no address")
    if isinstance(error, SilenceError | TimeoutError):
        return Told("连接超时", "no answer in time")
    return Told("连不上服务器", "no connection to the server")
