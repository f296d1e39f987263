"""Referral rewards and member credit as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from commerce.models import Account, Entry, ReferralReward
from commerce.selectors.own import records_of
from kernel.money import Money
from members.models import Membership

TONES = {ReferralReward.State.HELD: "accent", ReferralReward.State.GIVEN: "good"}


@dataclass(frozen=True)
class Total:
    """How many rewards of one state and currency, and what they come to."""

    state: ReferralReward.State
    many: int
    money: Money


@dataclass(frozen=True)
class Moved:
    """One line of a member's credit: what came (positive) or was spent."""

    kind: str
    at: datetime
    money: Money


def at_the_desk(community_id: int) -> QuerySet[ReferralReward]:
    rows = ReferralReward.objects.filter(community=community_id)
    return rows.select_related("inviter__user", "invitee__user").order_by("-id")


def totals(community_id: int) -> list[Total]:
    rows = ReferralReward.objects.filter(community=community_id).order_by("state", "currency")
    sums = rows.values("state", "currency").annotate(many=Count("id"), sum=Sum("amount"))
    return [
        Total(ReferralReward.State(row["state"]), row["many"], Money(row["sum"], row["currency"]))
        for row in sums
    ]


def of(membership: Membership) -> list[ReferralReward]:
    """What a member has for whom they brought, the latest first."""
    rows = ReferralReward.objects.filter(inviter__in=records_of(membership))
    return list(rows.select_related("invitee__user").order_by("-id")[:20])


def credit_of(membership: Membership) -> list[Moved]:
    """Where a member's credit came from and went, the latest first."""
    rows = Entry.objects.filter(membership__in=records_of(membership), account=Account.CREDIT)
    lines = rows.select_related("transaction").order_by("-id")[:30]
    return [
        Moved(line.transaction.kind, line.transaction.at, Money(-line.amount, line.currency))
        for line in lines
    ]
