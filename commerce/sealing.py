"""Secrets of communities, readable by nobody who has only the database."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.checks import CheckMessage, Error


class Unreadable(Exception):
    """Sealed with a key that this site does not have any more."""


def seal(values: Mapping[str, str]) -> str:
    return _box().encrypt(json.dumps(dict(values)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """What was sealed. Raises `Unreadable`."""
    try:
        return dict(json.loads(_box().decrypt(sealed.encode())))
    except InvalidToken:
        raise Unreadable("None of MONEY_KEYS opens this.") from None


def sealed_anew(sealed: str) -> str:
    """The same, sealed with the first of the keys. Raises `Unreadable`."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("None of MONEY_KEYS opens this.") from None


def check(app_configs: object, **_: object) -> list[CheckMessage]:
    """A site does not start without a key that seals."""
    try:
        _box()
    except ValueError:
        # The values are never repeated.
        hint = 'python3 -c "import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"'
        return [
            Error("MONEY_KEYS must be one or more Fernet keys, parted by commas.", hint, id="commerce.E001")
        ]
    return []


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.MONEY_KEYS])
