"""What happens in communities, and the one bus on which it is told.

A lower app publishes an `Activity`; apps above subscribe in their `AppConfig.ready()`. Subscribers run in
the order of the line, in the publisher's transaction: what they write and what happened appear together or
not at all. Happenings that are no facts about a member (a community changed its time zone, say) are
announced by name with `announce`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db import transaction


class VerbClass(StrEnum):
    PRESENCE = "presence"
    CONTRIBUTION = "contribution"
    RESPONSE = "response"
    GROWTH = "growth"
    MONEY = "money"


_VERBS_BY_CLASS = {
    VerbClass.PRESENCE: "visited read",
    VerbClass.CONTRIBUTION: "posted commented asked answered proposed shared hosted published helped",
    VerbClass.RESPONSE: ("reacted voted rsvped attended messaged mentioned accepted completed used endorsed"),
    VerbClass.GROWTH: "invited joined left suspended resumed lapsed inviter_changed",
    VerbClass.MONEY: "paid refunded subscribed cancelled",
}

VERBS: dict[str, VerbClass] = {
    verb: verb_class for verb_class, verbs in _VERBS_BY_CLASS.items() for verb in verbs.split()
}
ACT_CLASSES = frozenset({VerbClass.PRESENCE, VerbClass.CONTRIBUTION, VerbClass.RESPONSE})
ACTS = frozenset(verb for verb, verb_class in VERBS.items() if verb_class in ACT_CLASSES)
#: What a score can weigh: acts, and inviting, which makes nobody active.
WEIGHED = ACTS | {"invited"}
CONTRIBUTIONS = frozenset(verb for verb, verb_class in VERBS.items() if verb_class is VerbClass.CONTRIBUTION)
#: What begins a thread, what is said to it, and both.
THREADS, REPLIES = frozenset({"posted", "asked"}), frozenset({"commented", "answered"})
TALK = THREADS | REPLIES


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing a member did, or that befell them.

    `member` and `target` are member numbers, which are dense and never reused within a community. `dedupe`
    names the happening: a second activity of the same community and name is the same one. Empty means that
    the happening is identified by all its other values.
    """

    community_id: int
    member: int
    verb: str
    at: datetime
    target: int | None = None
    object_kind: str = ""
    object_id: str = ""
    circle_id: int | None = None
    value: Decimal | None = None
    staff: bool = False
    dedupe: str = ""


Subscriber = Callable[[Sequence[Activity]], None]
_subscribers: list[Subscriber] = []
_listeners: dict[str, list[Callable[..., None]]] = {}


def subscribe(subscriber: Subscriber) -> None:
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def publish(*activities: Activity) -> None:
    """Tell every subscriber, now and in this transaction. Raises `ValueError` for an unknown verb."""
    if not activities:
        return
    for activity in activities:
        if activity.verb not in VERBS:
            raise ValueError(f"{activity.verb!r} is not a verb of the stream of facts.")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Publish inside the transaction that makes the change.")
    for subscriber in _subscribers:
        subscriber(activities)


def on(name: str, listener: Callable[..., None]) -> None:
    listeners = _listeners.setdefault(name, [])
    if listener not in listeners:
        listeners.append(listener)


def announce(name: str, **payload: object) -> None:
    """Call every listener of that name with the payload, now and in this transaction."""
    for listener in _listeners.get(name, []):
        listener(**payload)
