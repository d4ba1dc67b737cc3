"""The desk that the settings name, opened."""

from __future__ import annotations

import time

from service.keys import key_of, make_key
from service.review.base import ReviewDesk
from service.review.pictures import desk_links, size_of
from service.review.words import Words, words_of
from service.scoring import load_standard
from service.settings import Settings
from service.store import Store
from vision.errors import DeviceError, InputError
from vision.taxonomy import load_taxonomy

HOOK_KEY = "Label Studio webhook"
HOOK_PATH = "/review/webhook"


def desk_name(settings: Settings) -> str:
    """Return the name under which the store knows the desk of the settings."""
    return f"{settings.review.url} {settings.review.project}"


def page_words(settings: Settings) -> Words:
    """Return the names that the labelling page offers."""
    return words_of(load_taxonomy(), load_standard(settings.score.standard))


def open_desk(settings: Settings, store: Store) -> ReviewDesk:
    """Open the desk that the settings name.

    Raises:
        InputError: a setting is missing.
        DeskError: the desk's token cannot be one.
        DeviceError: the SDK is not installed.
    """
    wanted = settings.review
    if wanted.url is None or wanted.token is None:
        msg = (
            "no review desk is set: set review.url to Label Studio's address and "
            "review.token to a personal token of its administrator"
        )
        raise InputError(msg)
    base = wanted.service_url or settings.server.public_url
    if base is None:
        msg = (
            "Label Studio tells us of answers by a webhook: set server.public_url, or "
            "review.service_url where it reaches this service by another address"
        )
        raise InputError(msg)
    link = desk_links(store, settings)
    try:
        from service.review.label_studio import (  # noqa: PLC0415 - an extra
            LabelStudioDesk,
            Place,
            Shown,
        )
    except ModuleNotFoundError as error:
        msg = (
            f"the package {error.name} is not installed: install the extra, "
            'pip install "liujing[review]"'
        )
        raise DeviceError(msg) from error
    place = Place(
        url=wanted.url,
        token=wanted.token.get_secret_value(),
        project=wanted.project,
        hook_url=base.rstrip("/") + HOOK_PATH,
        hook_key=lambda: _hook_key(store),
        holds=lambda secret: _holds(store, secret),
    )
    shown = Shown(
        words=page_words(settings),
        link=link,
        size_of=lambda name: size_of(store, name),
        utc_offset_h=settings.score.utc_offset_h,
    )
    return LabelStudioDesk(place, shown)


def _hook_key(store: Store) -> str:
    """Return a new key for the webhook; those before hold no longer."""
    now_s = time.time()
    for key in store.all_keys():
        if key.name == HOOK_KEY and key.holds(now_s):
            store.end_key(key.id, reason="replaced by a new one", known_s=now_s)
    return make_key(store, name=HOOK_KEY, role="reviewer")[1]


def _holds(store: Store, secret: str) -> bool:
    key = key_of(store, secret, time.time())
    return key is not None and key.role in ("reviewer", "admin")
