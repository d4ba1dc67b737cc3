"""Keys of vehicles, reviewers and the centre: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace

from service.records import KeyRecord, Role
from service.store import Store
from vision.errors import InputError, NotFoundError

PREFIX = "lj"
_SECRET_BYTES = 32
_ID_BYTES = 6


def make_key(
    store: Store,
    *,
    name: str,
    role: Role,
    district: str | None = None,
    expires_s: float | None = None,
) -> tuple[KeyRecord, str]:
    """Make a key and return it with its secret, which nobody can be shown again.

    Raises:
        InputError: the key would never hold.
    """
    now_s = time.time()
    if expires_s is not None and expires_s <= now_s:
        msg = "the key would have expired already; give it a later day"
        raise InputError(msg)
    key_id = f"{PREFIX}{secrets.token_hex(_ID_BYTES)}"
    secret = f"{key_id}.{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = KeyRecord(
        id=key_id,
        name=name,
        role=role,
        district=district,
        hash=hash_of(secret),
        known_s=now_s,
        expires_s=expires_s,
    )
    store.add_key(key)
    return key, secret


def key_of(store: Store, secret: str, at_s: float) -> KeyRecord | None:
    """Return the key that a secret opens with, if it holds; else None."""
    found = store.all_keys(hashed=hash_of(secret))
    return next((key for key in found if key.holds(at_s)), None)


def rotate_key(store: Store, key_id: str) -> tuple[KeyRecord, str]:
    """Make a key like another one and take that back.

    Raises:
        NotFoundError: no key that holds has this name.
    """
    old = next(
        (k for k in store.all_keys() if k.id == key_id and k.ended_s is None), None
    )
    if old is None:
        msg = f"no key that holds is called {key_id}; see liujing keys list"
        raise NotFoundError(msg)
    new, secret = make_key(
        store,
        name=old.name,
        role=old.role,
        district=old.district,
        expires_s=old.expires_s,
    )
    store.end_key(key_id, reason=f"replaced by {new.id}", known_s=new.known_s)
    return new, secret


def end_key(store: Store, key_id: str, *, reason: str) -> KeyRecord:
    """Take a key back.

    Raises:
        NotFoundError: no key that holds has this name.
    """
    now_s = time.time()
    if not store.end_key(key_id, reason=reason, known_s=now_s):
        msg = f"no key that holds is called {key_id}; see liujing keys list"
        raise NotFoundError(msg)
    found = next(key for key in store.all_keys() if key.id == key_id)
    return replace(found, ended_s=now_s)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; that is long and random: one round will do."""
    return hashlib.sha256(secret.encode()).hexdigest()
