"""The only place that reads the environment: typed, and loud about which variable is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class Env:
    """Typed reading of a mapping of strings. Every refusal is an `ImproperlyConfigured` that names the variable."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def given(self, name: str) -> bool:
        """Whether the variable is there and not empty (compose files pass empty strings for unset ones)."""
        return bool(self.values.get(name, "").strip())

    def text(self, name: str, default: str | None = None) -> str:
        """The value as it is. Without a default the variable is required."""
        if self.given(name):
            return self.values[name].strip()
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. See .env.example for what it is.")
        return default

    def secret(self, name: str, *, shortest: int) -> str:
        """A required value of at least `shortest` characters; the message never repeats it."""
        value = self.text(name)
        if len(value) < shortest:
            raise ImproperlyConfigured(f"{name} is too short: at least {shortest} characters are needed.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "yes" if default else "no").lower()
        if value not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
        return value in TRUE

    def number(self, name: str, default: int, *, lowest: int = 0, highest: int = 2**31 - 1) -> int:
        value = self.text(name, str(default))
        if not value.lstrip("-").isdecimal() or not lowest <= int(value) <= highest:
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {lowest} to {highest}, not {value!r}."
            )
        return int(value)

    def words(self, name: str, default: str | None = None) -> list[str]:
        """A list parted by commas; blanks around and between are dropped."""
        words = [word.strip() for word in self.text(name, default).split(",") if word.strip()]
        if default is None and not words:
            raise ImproperlyConfigured(f"{name} must name at least one value.")
        return words

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()

    def database(self, name: str) -> dict[str, Any]:
        """`postgresql://user:password@host:port/name?sslmode=require` as one of Django's `DATABASES`."""
        parts = self._url(name, ("postgresql", "postgres"), "postgresql://user:password@host:5432/name")
        database = unquote(parts.path.removeprefix("/"))
        if not database or "/" in database:
            raise ImproperlyConfigured(
                f"{name} must end with one database name, as in postgresql://host/name."
            )
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }

    def redis(self, name: str, *, number: int) -> str:
        """The address of database `number` on the server that the variable names."""
        parts = self._url(name, ("redis", "rediss"), "redis://:password@host:6379")
        return urlunsplit((parts.scheme, parts.netloc, f"/{number}", parts.query, ""))

    def email(self, name: str) -> dict[str, Any]:
        """`smtp://`, `smtp+tls://` or `smtps://` with user, password, host and port, as Django's EMAIL_ settings."""
        parts = self._url(name, ("smtp", "smtp+tls", "smtps"), "smtp+tls://user:password@host:587")
        return {
            "EMAIL_HOST": parts.hostname or "",
            "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
        }

    def _url(self, name: str, schemes: tuple[str, ...], example: str) -> SplitResult:
        value = self.text(name)
        try:
            parts = urlsplit(value)
            sound = (
                parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            sound = False
        if not sound:
            # The value may hold a password: say what is expected, never what was given.
            raise ImproperlyConfigured(f"{name} is not an address of the form {example}")
        return parts


env = Env()
