"""What befell a member and what they did, told by every app that knows something of it: newest first, a page at a time.

Sources answer each for itself from where the last page ended, and are merged here. Within one instant the sources stand
in the order of their registration, and the entries of a source as it settles ties.
"""

import heapq
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from django.core import signing
from django.db.models import Q
from django.utils.functional import Promise

from kernel.clock import local_day
from kernel.registry import Registry
from kernel.tenancy import TenantRequest

Words = str | Promise

PAGE_SIZE = 30


@dataclass(frozen=True)
class Entry:
    """One moment. `tie` settles which entry of a source comes first within an instant; `what` is shown by the source's
    template; `tone` is that of its mark, "accent" for what the member made."""

    at: datetime
    tie: str
    what: Any
    tone: str = ""


@dataclass(frozen=True)
class Bound:
    """Where a page goes on for one source: whatever is before `at`, and of that instant what stands below `tie`; all
    of the instant where `tie` is empty, nothing of it where that is None."""

    at: datetime
    tie: str | None

    def q(self, at: str, tie: str, read: Callable[[str], Any]) -> Q:
        """The condition over the columns of that name; `read` makes a tie of its text."""
        if self.tie is None:
            return Q(**{f"{at}__lt": self.at})
        if not self.tie:
            return Q(**{f"{at}__lte": self.at})
        below = Q(**{at: self.at, f"{tie}__lt": read(self.tie)})
        return Q(**{f"{at}__lt": self.at}) | below


@dataclass(frozen=True)
class Source:
    """`read(request, member, bound, most)` gives at most so many entries, newest first, from the bound on; None begins
    with the newest. `key` names it in addresses; `permission` is what it takes to be shown its entries."""

    key: str
    label: Words
    read: Callable[[TenantRequest, Any, Bound | None, int], Sequence[Entry]]
    template: str
    permission: str


sources: Registry[Source] = Registry("source of timelines")


def add(source: Source) -> None:
    sources.add(source.key, source)


@dataclass(frozen=True)
class Timeline:
    """(local day, its entries with the templates that show them), newest first; `older` is the cursor of the next
    page, empty at the end. `kinds` are the sources there are to choose from, by key and label; `kind` the chosen one."""

    days: Sequence[tuple[date, Sequence[tuple[str, Entry]]]]
    older: str
    kinds: Sequence[tuple[str, Words]]
    kind: str


def page(request: TenantRequest, member: Any, *, kind: str = "", cursor: str = "") -> Timeline:
    """One page of what this viewer may see: of everything, or of the source `kind`. A kind that there is none of is
    everything, a cursor that was not written here the first page."""
    may = request.membership.may
    seen = {source.key: source for source in sources if may(source.permission)}
    chosen = [kind] if kind in seen else list(seen)
    ended = _read(cursor)
    streams = [_entries(key, seen[key], request, member, ended) for key in chosen]
    found = heapq.merge(*streams, key=lambda each: (each[1].at, -_place(each[0])), reverse=True)
    shown = list(islice(found, PAGE_SIZE + 1))
    older = _write(*shown[PAGE_SIZE - 1]) if len(shown) > PAGE_SIZE else ""
    days = groupby(shown[:PAGE_SIZE], key=lambda each: local_day(each[1].at, request.community.zone))
    return Timeline(
        days=[(day, [(seen[key].template, entry) for key, entry in entries]) for day, entries in days],
        older=older,
        kinds=[(key, source.label) for key, source in seen.items()],
        kind=kind if kind in seen else "",
    )


def _entries(
    key: str, source: Source, request: TenantRequest, member: Any, ended: tuple[datetime, str, str] | None
) -> Iterator[tuple[str, Entry]]:
    bound = None
    if ended is not None:
        at, last, tie = ended
        ahead = _place(key) - _place(last)
        bound = Bound(at, tie if ahead == 0 else "" if ahead > 0 else None)
    for entry in source.read(request, member, bound, PAGE_SIZE + 1):
        yield key, entry


def _place(key: str) -> int:
    return sources.keys().index(key)


def _signer() -> signing.Signer:
    return signing.Signer(salt="timeline")


def _write(key: str, entry: Entry) -> str:
    return _signer().sign_object([entry.at.isoformat(), key, entry.tie])


def _read(cursor: str) -> tuple[datetime, str, str] | None:
    try:
        at, key, tie = _signer().unsign_object(cursor)
    except (signing.BadSignature, json.JSONDecodeError, ValueError):
        return None
    return (datetime.fromisoformat(at), key, tie) if key in sources else None
