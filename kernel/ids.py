"""Ids that may stand in an address: they tell nothing and cannot be guessed."""

import secrets
import uuid


def opaque() -> uuid.UUID:
    """A random UUID (version 4)."""
    return uuid.uuid4()


def token(length_bytes: int = 32) -> str:
    """A secret for links and keys, URL-safe."""
    return secrets.token_urlsafe(length_bytes)
