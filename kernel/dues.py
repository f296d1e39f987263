"""Whether a tier has dues, asked by those who let people in; who knows it lives above and hands it in.

While nobody provides an answer there are no dues anywhere, and nothing of them is seen.
"""

from collections.abc import Callable

_providers: list[Callable[[int], bool]] = []


def provide(asks: Callable[[int], bool]) -> None:
    """Let an app say of a tier, by id, whether its members owe dues before they are let in."""
    if asks not in _providers:
        _providers.append(asks)


def withdraw(asks: Callable[[int], bool]) -> None:
    """Forget a provider again."""
    _providers.remove(asks)


def are_provided() -> bool:
    """Whether anybody on this site can ask for dues at all."""
    return bool(_providers)


def asked(tier_id: int | None) -> bool:
    """Whether who enters this tier pays first. A membership without a tier owes nothing."""
    return tier_id is not None and any(asks(tier_id) for asks in _providers)
