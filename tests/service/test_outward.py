"""Nothing is sent into a private network, whatever the name says."""

from __future__ import annotations

import pytest

from service.outward import AddressError, Request, addresses_of, check_url, sender
from tests.service.receiver import receiving


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "localhost",
    ],
)
def test_private_addresses_are_refused(host: str) -> None:
    with pytest.raises(AddressError, match="private address"):
        check_url(f"http://{host}/hook", private=False)
    check_url(f"http://{host}/hook", private=True)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]"])
def test_public_addresses_are_good(host: str) -> None:
    _, port, address = check_url(f"https://{host}/hook", private=False)

    assert port == 443
    assert address == host.strip("[]")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://1.1.1.1/", "must be http"),
        ("file:///etc/passwd", "must be http"),
        ("1.1.1.1", "must be http"),
        ("http://1.1.1.1:99999/", "must be http"),
        ("http:///hook", "no host"),
        ("http://me:word@1.1.1.1/", "name or password"),
        ("http://nowhere.invalid/", "no address"),
        ("http://" + "a" * 70 + ".example/", "no address"),
    ],
)
def test_what_is_no_address_is_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(AddressError, match=sentence):
        check_url(url, private=True)


def test_one_private_address_of_many_is_enough_to_refuse() -> None:
    with pytest.raises(AddressError, match="private"):
        check_url("http://x/", private=False, resolve=lambda *_: ["1.1.1.1", "::1"])


def test_a_name_that_turns_private_later_is_refused_when_it_is_sent_to() -> None:
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])

    def turning(host: str, port: int) -> list[str]:
        return next(answers)

    with receiving() as receiver:
        url = f"http://turning.example:{receiver.port}/"
        check_url(url, private=False, resolve=turning)
        send = sender(private=False, timeout_s=0.5, resolve=turning)

        answer = send(Request(url, {}, b"{}"))

        assert (answer.status, receiver.came) == (None, [])
        assert "private address" in str(answer.reason)


def test_the_address_that_was_checked_is_the_one_that_is_asked() -> None:
    asked: list[str] = []

    def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return addresses_of("127.0.0.1", port)

    with receiving() as receiver:
        url = f"http://street.example:{receiver.port}/a/b?c=%E5%87%80"
        send = sender(private=True, timeout_s=2, resolve=once)

        answer = send(Request(url, {"X-One": "1"}, b"{}"))

        ((headers, body),) = receiver.came
        assert (answer.status, answer.reason, body) == (204, None, b"{}")
        assert headers["host"] == f"street.example:{receiver.port}"
        assert headers["x-one"] == "1"
    assert asked == ["street.example"]


def test_tls_is_asked_for_where_the_address_says_so() -> None:
    with receiving() as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"

        answer = sender(private=True, timeout_s=2)(Request(url, {}, b"{}"))

    assert (answer.status, receiver.came) == (None, [])
    assert str(answer.reason).startswith("no safe connection")
