"""Gifts as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import pgettext_lazy

from commerce.models import Gift, Plan
from commerce.selectors.own import records_of
from members.models import Membership


class State(models.TextChoices):
    UNPAID = "unpaid", pgettext_lazy("gift", "To be paid")
    OPEN = "open", pgettext_lazy("gift", "Can be taken")
    WAITS = "waits", pgettext_lazy("gift", "Taken, waits for its turn")
    TAKEN = "taken", pgettext_lazy("gift", "Taken")
    EXPIRED = "expired", pgettext_lazy("gift", "Expired")
    REVOKED = "revoked", pgettext_lazy("gift", "Taken back")


TONES = {State.UNPAID: "warn", State.OPEN: "good", State.WAITS: "accent", State.EXPIRED: "bad"}


@dataclass(frozen=True)
class Given:
    """A gift and where it stands."""

    gift: Gift
    state: State

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")


def told(gift: Gift, at: datetime) -> Given:
    return Given(gift, _state(gift, at))


def given_by(membership: Membership) -> QuerySet[Gift]:
    """What a member has given, the latest first."""
    return _whole(Gift.objects.filter(giver__in=records_of(membership)))


def taken_by(membership: Membership) -> QuerySet[Gift]:
    return _whole(Gift.objects.filter(redeemed_by__in=records_of(membership)))


def at_the_desk(community_id: int, state: str, at: datetime) -> QuerySet[Gift]:
    """Every gift of a community, the latest first; those in one state, where that is one."""
    rows = Gift.objects.filter(community=community_id)
    open_ones = Q(redeemed_at=None, revoked_at=None, expired_at=None)
    wanted = {
        State.UNPAID: open_ones & Q(paid_at=None) & ~Q(invoice__status="void"),
        State.OPEN: open_ones & Q(paid_at__isnull=False, expires_at__gt=at),
        State.WAITS: Q(redeemed_at__isnull=False, begins_on=None),
        State.TAKEN: Q(begins_on__isnull=False),
        State.EXPIRED: Q(redeemed_at=None, revoked_at=None) & Q(expires_at__lte=at),
        State.REVOKED: Q(revoked_at__isnull=False) | Q(paid_at=None, invoice__status="void"),
    }
    if state in State.values:
        rows = rows.filter(wanted[State(state)])
    return _whole(rows)


def by_code(code: str, community_id: int) -> Gift | None:
    """The gift that a code leads to, paid for; None for any other code."""
    rows = Gift.objects.filter(community=community_id, code=code.strip().upper()).exclude(paid_at=None)
    return rows.select_related("plan__tier", "giver__user", "redeemed_by__user").first()


def to_give(community_id: int) -> list[Plan]:
    """Plans that can be given: those that are offered, for one person, at a price."""
    rows = Plan.objects.of(community_id).offered().filter(group=False, amount__gt=0)
    return list(rows.select_related("tier").order_by("position", "id"))


def _state(gift: Gift, at: datetime) -> State:
    if gift.begins_on is not None:
        return State.TAKEN
    if gift.redeemed_at is not None:
        return State.WAITS
    void = gift.paid_at is None and gift.invoice.status == "void"
    if gift.revoked_at is not None or void:
        return State.REVOKED
    if gift.expires_at is None:
        return State.UNPAID
    return State.EXPIRED if gift.expires_at <= at else State.OPEN


def _whole(rows: QuerySet[Gift]) -> QuerySet[Gift]:
    people = ("giver__user", "redeemed_by__user")
    return rows.select_related("plan__tier", "invoice", *people).order_by("-id")
