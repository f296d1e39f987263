"""What a treasurer enters to connect a rail, and what a test of it found."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class KeyField:
    """One thing that a community's treasurer enters to connect the rail. Secrets are kept encrypted and never shown
    again; `multiline` is for keys in PEM. `check` returns what is wrong with a value, or None."""

    key: str
    label: Words
    help: Words = ""
    secret: bool = True
    required: bool = True
    multiline: bool = False
    check: Callable[[str], Words | None] = lambda value: None


@dataclass(frozen=True, slots=True)
class Health:
    """What a test of the connection found: whether payments can be taken, and what is missing, in words for staff; where
    they can be taken, what is missing for some of the payers."""

    works: bool
    account: str = ""
    missing: tuple[Words, ...] = field(default=())
