"""The places of a shell's navigation: one appears only once its room exists, added by the app that has it.

Three shells have places: the operators' "desk", the desk's "settings", and a community's own "rooms". An
address takes the community's slug as `community_slug` and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

DESK = "desk"
ROOMS = "rooms"
SETTINGS = "settings"


@dataclass(frozen=True)
class Place:
    """`permission` empty: every member in `rooms`; `public` opens a room to visitors too."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    permission: str
    order: int
    shell: str
    public: bool


@dataclass(frozen=True)
class Door:
    """A place as one person sees it in one community: its address, and whether they stand in it."""

    place: Place
    url: str
    current: bool


_places: dict[str, dict[str, Place]] = {DESK: {}, SETTINGS: {}, ROOMS: {}}


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
) -> None:
    """Open a place in a shell. Raises `ValueError` when the shell has that key already."""
    if key in _places[shell]:
        raise ValueError(f"The place {key!r} is in the {shell} already.")
    _places[shell][key] = Place(key, label, icon, url_name, permission, order, shell, public)


def all_of(shell: str) -> list[Place]:
    return sorted(_places[shell].values(), key=lambda place: place.order)


def doors(shell: str, request: HttpRequest) -> list[Door]:
    """The doors this person may open, in order; at most one is current: the one deepest along the path."""
    community = getattr(request, "community", None)
    if community is None:
        return []
    seen = [
        (place, reverse(place.url_name, kwargs={"community_slug": community.slug}))
        for place in all_of(shell)
        if _may_enter(place, getattr(request, "membership", None))
    ]
    here = max((url for _place, url in seen if request.path.startswith(url)), key=len, default=None)
    return [Door(place=place, url=url, current=url == here) for place, url in seen]


def _may_enter(place: Place, membership: Any) -> bool:
    if place.public:
        return True
    # A role outlives the membership in which it was held, so it alone opens nothing.
    if membership is None or not membership.is_admitted:
        return False
    return not place.permission or bool(membership.may(place.permission))
