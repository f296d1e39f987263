"""The places of a shell's navigation: one appears only once its room exists, added by the app that has it.

Eight shells have places: the operators' "desk", a community's own "rooms", and within the desk its "settings",
"members", "growth", "money", "events" and "content": a shell that is called as a place of the desk holds the rooms of that
place, as a row of tabs. An address takes the community's slug as `community_slug` and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from kernel import waiting
from kernel.tenancy import TenantRequest

DESK = "desk"
ROOMS = "rooms"
SETTINGS = "settings"
MEMBERS = "members"
GROWTH = "growth"
MONEY = "money"
CONTENT = "content"
EVENTS = "events"


@dataclass(frozen=True)
class Place:
    """`permission` empty: every member in `rooms`; `public` opens a room to visitors too. `waits` names the queues
    (`kernel.waiting`), with spaces between, of what waits in there for whoever asks; `counted_at` names the address of
    a part that says how much does, fetched once the page is there, as every page of the desk shows its places. Rooms of
    one `group` share a tab, and have a row of their own below it. A room with `filled` is there once something is in it
    (`filled_by`), and for who may put something in (`opened_by`, a permission)."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    permission: str
    order: int
    shell: str
    public: bool
    waits: str = ""
    counted_at: str = ""
    exact: bool = False
    group: str | Promise = ""
    filled: str = ""
    opened_by: str = ""


@dataclass(frozen=True)
class Door:
    """A place as one person sees it in one community: its address, whether they stand in it, and how many wait
    there, None where nobody can; `counted_at` is where that is asked later."""

    place: Place
    url: str
    current: bool
    waiting: int | None = None
    counted_at: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab over the rooms of a place: one door, or a group of them, whose first one it opens."""

    label: str | Promise
    doors: list[Door]

    @property
    def url(self) -> str:
        return self.doors[0].url

    @property
    def current(self) -> bool:
        return any(door.current for door in self.doors)

    @property
    def waiting(self) -> int:
        return sum(door.waiting or 0 for door in self.doors)


_places: dict[str, dict[str, Place]] = {
    DESK: {},
    SETTINGS: {},
    MEMBERS: {},
    GROWTH: {},
    MONEY: {},
    CONTENT: {},
    EVENTS: {},
    ROOMS: {},
}


_filled: dict[str, Callable[[], Any]] = {}


def add(
    key: str,
    *,
    label: str | Promise,
    icon: str,
    url_name: str,
    permission: str = "",
    order: int = 100,
    shell: str = DESK,
    public: bool = False,
    waits: str = "",
    counted_at: str = "",
    exact: bool = False,
    group: str | Promise = "",
    filled: str = "",
    opened_by: str = "",
) -> None:
    """Open a place in a shell. Raises `ValueError` when the shell has that key already."""
    if key in _places[shell]:
        raise ValueError(f"The place {key!r} is in the {shell} already.")
    _places[shell][key] = Place(
        key, label, icon, url_name, permission, order, shell, public, waits, counted_at, exact, group,
        filled, opened_by,
    )  # fmt: skip


def filled_by(name: str, query: Callable[[], Any]) -> None:
    """Say what tells whether there is something in the rooms with this `filled`: an expression over memberships, which is
    asked together with who a person is, so that no page asks once more."""
    _filled[name] = query


def fillings() -> dict[str, Any]:
    """What is asked with a membership, by name."""
    return {name: query() for name, query in _filled.items()}


def all_of(shell: str) -> list[Place]:
    return sorted(_places[shell].values(), key=lambda place: place.order)


def doors(shell: str, request: HttpRequest) -> list[Door]:
    """The doors this person may open, in order; at most one is current: the one deepest along the path."""
    community = getattr(request, "community", None)
    if community is None:
        return []
    slug = community.slug
    seen = [
        (place, _address(place, slug))
        for place in all_of(shell)
        if _may_enter(place, getattr(request, "membership", None))
    ]
    along = {place.key: _along(request.path, place, slug) for place, _url in seen}
    here = max(along.values(), default=0)
    return [
        Door(
            place=place,
            url=url,
            current=0 < along[place.key] == here,
            waiting=waiting.many(cast(TenantRequest, request), *place.waits.split()) if place.waits else None,
            counted_at=reverse(place.counted_at, args=[slug]) if place.counted_at else "",
        )
        for place, url in seen
    ]


def tabs(found: list[Door]) -> list[Tab]:
    """The doors by their groups, in the order of the first of each; one without a group is a tab by itself."""
    made: dict[str, Tab] = {}
    for door in found:
        place = door.place
        key = f"group {place.group}" if place.group else place.key
        made.setdefault(key, Tab(place.group or place.label, [])).doors.append(door)
    return list(made.values())


def _address(place: Place, slug: str) -> str:
    return reverse(place.url_name, kwargs={"community_slug": slug})


def _along(path: str, place: Place, slug: str) -> int:
    """How far along the path the deepest of the place's addresses lies, 0 where none does: its own, and of a place of
    the desk those of the rooms within it."""
    within = all_of(place.key) if place.shell == DESK and place.key in _places else []
    addresses = [(one, _address(one, slug)) for one in (place, *within)]
    on_the_way = (len(url) for one, url in addresses if (path == url if one.exact else path.startswith(url)))
    return max(on_the_way, default=0)


def _may_enter(place: Place, membership: Any) -> bool:
    if place.public:
        return True
    # A role outlives the membership in which it was held, so it alone opens nothing.
    if membership is None or not membership.is_admitted:
        return False
    if place.filled and not getattr(membership, place.filled, True) and not membership.may(place.opened_by):
        return False
    return not place.permission or bool(membership.may(place.permission))
