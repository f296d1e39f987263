"""A small ordered registry: the shape shared by every place where rooms meet."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Entries by key, in the order they were added. Adding a key twice is a programming error.

    >>> colours = Registry[str]("colour")
    >>> colours.add("rose", "#c36")
    >>> colours.get("rose")
    '#c36'
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, T] = {}

    def add(self, key: str, entry: T) -> None:
        if key in self._entries:
            raise ValueError(f"The {self.noun} {key!r} is registered twice.")
        self._entries[key] = entry

    def replace(self, key: str, entry: T) -> None:
        """Put another entry in the place of one that is there. Raises `KeyError` as `get` does."""
        self.get(key)
        self._entries[key] = entry

    def get(self, key: str) -> T:
        """The entry of that key. Raises `KeyError` that names the noun and the keys there are."""
        try:
            return self._entries[key]
        except KeyError:
            raise KeyError(
                f"There is no {self.noun} {key!r}; there are {', '.join(self._entries)}."
            ) from None

    def keys(self) -> list[str]:
        return list(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)
