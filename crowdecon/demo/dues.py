"""Dues in the demo communities: a few members pay for a better tier, as people do: ahead, late, no more.

By the services that members, treasurers and the clock use, at the instants at which it happened. Nobody is asked by a
provider: the treasurer confirms transfers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import Min

from commerce.models import Invoice, Payment, Plan, Refund, Subscription
from commerce.services import accounts, clock, payments, plans, recognition, refunds, subscriptions
from communities.models import Community
from crowdecon.demo.fees import FEES, Fee, Fees
from kernel.money import Money
from members.actors import Actor
from members.models import Membership
from members.roles import Role, Status
from members.services import mail

BY = Actor.site("demo")
#: So long ago the first of them began to pay.
DAYS = 130


@dataclass(frozen=True)
class Payer:
    """How somebody pays: which fee, since how many days, so many days after each invoice is due (before: below 0), and what
    becomes of it: after so many periods they cancel, pay no more, or have something sent back."""

    fee: int
    since: int
    after: int
    cancels: int = 0
    stops: int = 0
    back: bool = False


PAYERS = (
    Payer(fee=0, since=128, after=-3),
    Payer(fee=0, since=101, after=5),
    Payer(fee=0, since=97, after=-2, cancels=2),
    Payer(fee=0, since=119, after=-4, stops=2),
    Payer(fee=0, since=66, after=-2, stops=2),
    Payer(fee=1, since=126, after=-5),
    Payer(fee=1, since=98, after=0, stops=1),
    Payer(fee=2, since=110, after=0),
    Payer(fee=2, since=55, after=0, back=True),
    Payer(fee=2, since=17, after=0),
)


def begin(*, community: Community, at: datetime, random: Random) -> None:
    """What was paid until now. In one transaction: nobody else's clock sees dues of months ago as late."""
    asked = FEES.get(community.slug)
    if asked is None:
        return
    with transaction.atomic(), mail.withheld():
        _Life(community, asked, at, random).run()
    account = accounts.connect(community=community, provider="offline", keys=asked.bank, at=at, by=BY)
    accounts.enable(accounts.test(account, at=at, by=BY), at=at, by=BY)


class _Life:
    def __init__(self, community: Community, asked: Fees, at: datetime, random: Random) -> None:
        self.why = asked.why
        self.community, self.at, self.random = community, at, random
        self.plans = [self._plan(fee) for fee in asked.fees]
        self.payers = dict(zip(self._people(), PAYERS, strict=False))

    def _plan(self, fee: Fee) -> Plan:
        return plans.create(
            community=self.community,
            tier=self.community.tiers.get(key=fee.tier),
            name=fee.name,
            amount=fee.amount,
            currency=self.community.currency,
            interval=fee.interval,
            at=self.at - timedelta(days=DAYS),
            by=BY,
        )

    def _people(self) -> list[Membership]:
        """Members who were there before the first of them paid, and still are."""
        long_here = Membership.objects.of(self.community.id).filter(
            role=Role.MEMBER, status=Status.ACTIVE, joined_at__lt=self.at - timedelta(days=DAYS)
        )
        found = list(long_here.select_related("user", "community").order_by("number"))
        return sorted(self.random.sample(found, min(len(found), len(PAYERS))), key=lambda one: one.number)

    def run(self) -> None:
        for days in range(DAYS, -1, -1):
            now = self.at - timedelta(days=days)
            if self._something_due(now):
                clock.tick(at=now, community_id=self.community.id)
            for member, payer in self.payers.items():
                if payer.since == days:
                    subscriptions.subscribe(membership=member, plan=self.plans[payer.fee], at=now, by=BY)
            self._pay(now)
        recognition.recognise(community=self.community, at=self.at)

    def _something_due(self, now: datetime) -> bool:
        waits = [
            model.objects.of(self.community.id).aggregate(first=Min("next_at"))["first"]
            for model in (Subscription, Invoice)
        ]
        return any(first is not None and first <= now for first in waits)

    def _pay(self, now: datetime) -> None:
        known = {member.pk: payer for member, payer in self.payers.items()}
        open_now = Invoice.objects.of(self.community.id).unpaid().select_related("subscription", "membership")
        for bill in open_now.order_by("id"):
            payer, nth = (
                known[bill.membership_id],
                Invoice.objects.filter(subscription=bill.subscription).count(),
            )
            if payer.stops and nth > payer.stops:
                continue
            if nth > 1 and (now.date() - bill.due_on).days < payer.after:
                continue
            payment = payments.receive(
                invoice=bill, community=self.community, money=bill.due, method=Payment.Method.BANK,
                paid_at=now - timedelta(hours=2), at=now, by=BY,
            )  # fmt: skip
            if payer.cancels == nth and bill.subscription is not None:
                subscriptions.cancel(subscription=bill.subscription, at=now + timedelta(minutes=5), by=BY)
            if payer.back:
                refunds.ask(
                    payment=payment,
                    money=Money(payment.amount // 4, payment.currency),
                    reason=self.why,
                    then=Refund.Then.KEEP,
                    at=now + timedelta(minutes=9),
                    by=BY,
                )
