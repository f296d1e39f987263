"""How the dues of many members stand at once: by which plan, how far, and in a word.

What stands for a member is the subscription of their own that runs; else the group on whose seat they sit; else what they
have taken and not paid for yet. Books stay with a record that was merged (`commerce.merging_parts`), so each is looked for
by the record that is kept first, and then by those that were merged into it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext_lazy

from commerce.models import Seat, Subscription
from members.models import Membership

Status, Kind = Subscription.Status, Subscription.Kind
#: In which a subscription has begun and has not ended.
RUNNING = (Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.SUSPENDED, Status.CANCELLED)
#: What the relations to a member's own subscription and to their seat are called where a list is sorted.
OWN, SEAT = "own_subscription", "own_seat"


class Stands(TextChoices):
    """In the order in which they need somebody's eye."""

    SUSPENDED = "suspended", pgettext_lazy("dues", "Late, suspended")
    GRACE = "grace", pgettext_lazy("dues", "Late, in grace")
    TO_PAY = "to_pay", pgettext_lazy("dues", "To be paid first")
    CANCELLED = "cancelled", pgettext_lazy("dues", "Cancelled, runs out")
    TRIAL = "trial", pgettext_lazy("dues", "On trial")
    PAUSED = "paused", pgettext_lazy("dues", "Paused")
    PAID = "paid", pgettext_lazy("dues", "Paid")
    LIFE = "life", pgettext_lazy("dues", "Paid for life")
    SEAT = "seat", pgettext_lazy("dues", "A seat in a group")
    GIFT = "gift", pgettext_lazy("dues", "A gift")
    FREE = "free", pgettext_lazy("dues", "Free of charge")
    NONE = "none", pgettext_lazy("dues", "No plan")


LATE = frozenset({Stands.SUSPENDED.value, Stands.GRACE.value})
IN_ORDER = frozenset(Stands.values) - LATE - {Stands.TO_PAY.value, Stands.NONE.value}


class _DayBefore(Func):
    """The last day of what ends with that first day after it."""

    template = "(%(expressions)s - 1)"
    output_field = DateField()


@dataclass(frozen=True)
class Reading:
    """One thing that is asked of subscriptions. `own` reads it from the one that is a member's own, over the relation of
    that prefix; `seat` from the group that they sit in; `none` is what it is for who has neither."""

    own: Callable[[str], Any]
    seat: Any = None
    none: Any = None

    def of_member(self) -> Any:
        """For the member in hand, as an expression."""
        found = Subscription.objects.filter(pk=_standing_for())
        value = self.own("")
        if self.seat is not None:
            mine = Q(membership=OuterRef("pk")) | Q(membership__merged_into=OuterRef("pk"))
            value = Case(When(mine, then=value), default=self.seat)
        told = Subquery(found.annotate(value=value).values("value")[:1])
        return told if self.none is None else Coalesce(told, self.none)

    def of_community(self, community_id: int) -> tuple[QuerySet[Any], ...]:
        """Everybody of the community who has a plan, or a seat in one, each as `member` with its `value`, in four sets: who has
        one of their own that runs, who has taken one, who sits in a group, and who had one of these in another record."""
        alive, merged = Subscription.objects.of(community_id).live(), _merged(community_id)
        running, seats = alive.filter(status__in=RUNNING), _seats(community_id)
        pending = alive.filter(status=Status.PENDING).exclude(membership__in=merged)
        pending = pending.exclude(Exists(seats.filter(membership=OuterRef("membership"))))
        seated = seats.exclude(membership__in=merged)
        seated = seated.exclude(Exists(running.filter(membership=OuterRef("membership"))))
        others = Membership.objects.of(community_id).filter(pk__in=merged)
        return (
            running.annotate(member=F("membership_id"), value=self.own("")),
            pending.annotate(member=F("membership_id"), value=self.own("")),
            seated.annotate(member=F("membership_id"), value=self._seated("subscription__")),
            others.annotate(member=F("pk"), value=self.of_member()),
        )

    def order(self, community_id: int) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        """What members of the community are sorted by, and the relations it reads: all are joined with what they have at
        once, and only those who had something in another record are looked at one by one."""
        has, sits = f"{OWN}__status", f"{SEAT}__subscription__status__in"
        value = Case(
            When(**{f"{has}__in": RUNNING}, then=self.own(f"{OWN}__")),
            When(pk__in=_merged(community_id), then=self.of_member()),
            When(**{sits: RUNNING}, then=self._seated(f"{SEAT}__subscription__")),
            When(**{has: Status.PENDING}, then=self.own(f"{OWN}__")),
            default=self.none,
        )
        return value, partial(_joins, community_id)

    def _seated(self, prefix: str) -> Any:
        """For who sits in a group, read from that."""
        return self.own(prefix) if self.seat is None else self.seat


def _joins(community_id: int) -> Mapping[str, Any]:
    """What a member has of their own and has not ended, and the seat they sit on: the database lets there be one of each."""
    here = Q(subscriptions__community=community_id)
    alive = here & Q(subscriptions__status__in=(*RUNNING, Status.PENDING))
    return {
        OWN: FilteredRelation("subscriptions", condition=alive),
        SEAT: FilteredRelation("seats", condition=Q(seats__ended_at=None)),
    }


def _standing_for() -> Any:
    """The key of the subscription that stands for the member two queries further out."""
    member = OuterRef(OuterRef("pk"))
    alive, taken = Subscription.objects.live(), Seat.objects.filter(ended_at=None)
    running = alive.filter(status__in=RUNNING)
    seated = taken.filter(subscription__status__in=RUNNING)
    pending = alive.filter(status=Status.PENDING)
    return Coalesce(
        *(
            Subquery(rows.filter(**{of: member}).order_by("-pk").values(key)[:1])
            for rows, key in ((running, "pk"), (seated, "subscription"), (pending, "pk"))
            for of in ("membership", "membership__merged_into")
        )
    )


def _seats(community_id: int) -> QuerySet[Any]:
    """The seats that somebody sits on, in groups that run."""
    rows = Seat.objects.filter(ended_at=None, membership__isnull=False)
    return rows.filter(subscription__community=community_id, subscription__status__in=RUNNING)


def _merged(community_id: int) -> QuerySet[Any]:
    """The keys of members who have something in a record that was merged into theirs."""
    kept = "membership__merged_into"
    alive = Subscription.objects.of(community_id).live().filter(**{f"{kept}__isnull": False})
    seats = _seats(community_id).filter(**{f"{kept}__isnull": False})
    return alive.order_by().values(kept).union(seats.values(kept), all=True)


def _word(word: Stands) -> Any:
    return Value(word.value)


#: How a subscription of one's own stands by its status alone; one that is active, by the first of the others that holds.
_BY_STATUS = {
    Status.SUSPENDED: Stands.SUSPENDED,
    Status.PAST_DUE: Stands.GRACE,
    Status.PENDING: Stands.TO_PAY,
    Status.CANCELLED: Stands.CANCELLED,
    Status.TRIALING: Stands.TRIAL,
}
_ACTIVE: tuple[tuple[tuple[str, Any], Stands], ...] = (
    (("paused_on__isnull", False), Stands.PAUSED),
    (("kind", Kind.GIFT), Stands.GIFT),
    (("kind", Kind.COMPLIMENTARY), Stands.FREE),
    (("period_end", None), Stands.LIFE),
)


def _stands(prefix: str, said: Callable[[Stands], Any] = _word) -> Any:
    """How a subscription of one's own stands, in a word, or as what is `said` for it."""
    cases = [(("status", status), word) for status, word in _BY_STATUS.items()] + [*_ACTIVE]
    return Case(
        *(When(Q((f"{prefix}{name}", value)), then=said(word)) for (name, value), word in cases),
        default=said(Stands.PAID),
    )


def _is_one_of(words: Collection[str]) -> Q:
    """That a subscription of one's own stands as one of these words says: the same as a condition of its columns, of which
    the database knows how many there are."""
    by_status = [status for status, word in _BY_STATUS.items() if word in words]
    if {Stands.PAID, *(word for _asked, word in _ACTIVE)} <= set(words):
        return Q(status__in=[*by_status, Status.ACTIVE])
    found, left = Q(status__in=by_status), Q(status=Status.ACTIVE)
    for asked, word in _ACTIVE:
        if word in words:
            found |= left & Q(asked)
        left &= ~Q(asked)
    return found | left if Stands.PAID in words else found


def of_words(community_id: int, words: Collection[str]) -> tuple[QuerySet[Any], ...]:
    """Everybody of the community whose dues stand as one of these words says."""
    running, pending, seated, others = DUES.of_community(community_id)
    return (
        running.filter(_is_one_of(words)),
        others.filter(value__in=words),
        *([pending] if Stands.TO_PAY in words else []),
        *([seated] if Stands.SEAT in words else []),
    )


def _rank(word: Stands) -> Any:
    return Value(list(Stands).index(word), output_field=IntegerField())


PLAN = Reading(own=lambda prefix: F(f"{prefix}plan__name"))
PAID_UNTIL = Reading(own=lambda prefix: _DayBefore(F(f"{prefix}period_end")))
DUES = Reading(own=_stands, seat=_word(Stands.SEAT), none=_word(Stands.NONE))
#: What a list is sorted by where dues are asked for: who is late comes first.
URGENCY = Reading(own=lambda prefix: _stands(prefix, _rank), seat=_rank(Stands.SEAT), none=_rank(Stands.NONE))
