"""A community that lives on dues for a year and more, by the services that the product uses and by chance."""

from datetime import UTC, datetime, timedelta
from random import Random

from django.db import connection

from commerce.models import Invoice, Payment, Refund, Subscription, SubscriptionChange
from commerce.services import clock, lateness, payments, recognition, refunds, subscriptions
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.money import Money
from members.models import Membership
from members.roles import Status
from members.services import erasure, merging
from tests import make
from tests.commerce import dues
from tests.commerce.dues import SITE

START = datetime(2025, 1, 3, 3, tzinfo=UTC)
STEP = timedelta(days=5)


class World:
    def __init__(self, seed, *, days=400, people=11):
        self.chance = Random(seed)
        self.community = make.community(currency="EUR", timezone="Asia/Shanghai", at=START)
        newer = make.member(self.community, at=START).tier

        def plan(amount, name, **fields):
            given = {"currency": "EUR", "tier": newer} | fields
            return dues.plan(self.community, amount, name=name, **given)

        self.plans = [
            plan(1_250, "Month", tax_rate=600),
            plan(1_000, "Less", grace_days=7),
            plan(3_333, "Quarter", interval="quarter"),
            plan(9_998, "Year", interval="year", tax_rate=1900),
            plan(1_700, "Yen", currency="JPY"),
            plan(50_000, "Life", interval="lifetime"),
            plan(900, "Trial", trial_days=10),
        ]
        self.members = [make.member(self.community, at=START + timedelta(days=3 * n)) for n in range(people)]
        self.now, until = START, START + timedelta(days=days)
        while self.now < until:
            self.now += STEP
            clock.tick(at=self.now)
            for member in self.members:
                self.live(Membership.objects.get(pk=member.pk))
        for _n in range(2):
            recognition.recognise_all(at=self.now)
        self.as_of = local_day(self.now, self.community.zone) - timedelta(days=1)

    def live(self, member):
        if member.joined_at > self.now:
            return
        chance, at = self.chance, self.now + timedelta(minutes=member.number)
        given = {"at": at, "by": SITE}
        found = subscriptions.live_of(member)
        try:
            if found is None:
                if member.status in (Status.ACTIVE, Status.LAPSED) and chance.random() < 0.2:
                    subscriptions.subscribe(membership=member, plan=chance.choice(self.plans), **given)
                return
            bill = found.invoices.filter(status="open").order_by("id").first()
            if bill is not None:
                self.owe(bill, at, given)
            elif found.paused_on is not None:
                if chance.random() < 0.3:
                    subscriptions.resume(subscription=found, **given)
            else:
                self.decide(found, at, given)
        except Refused:
            return

    def owe(self, bill, at, given):
        luck = self.chance.random()
        if luck < 0.45:
            came = at - timedelta(days=self.chance.randint(0, 3))
            money = bill.due if luck < 0.42 else bill.due + Money(500, bill.currency)
            payments.receive(
                invoice=bill, community=self.community, money=money, method=Payment.Method.BANK,
                paid_at=max(came, bill.issued_at), **given,
            )  # fmt: skip
        elif luck < 0.48:
            lateness.forgive(invoice=bill, reason="Hard times", **given)
        elif luck < 0.52:
            lateness.extend(invoice=bill, until=bill.due_on + timedelta(days=9), **given)

    def decide(self, found, at, given):
        luck = self.chance.random()
        if luck < 0.03:
            subscriptions.cancel(subscription=found, **given)
        elif luck < 0.05:
            subscriptions.pause(subscription=found, **given)
        elif luck < 0.09:
            subscriptions.change_plan(subscription=found, plan=self.chance.choice(self.plans[:4]), **given)
        elif luck < 0.12:
            payment = found.membership.payments.order_by("id").last()
            if payment is not None and luck < 0.115:
                refunds.ask(
                    payment=payment, money=Money(payment.amount // 3 or 1, payment.currency), reason="Asked",
                    then=Refund.Then.KEEP, to_credit=luck < 0.10, **given,
                )  # fmt: skip
            elif payment is not None:
                payments.take_back(payment=payment, community=self.community, reason="Not mine", **given)

    def two_become_one(self):
        """Two records with books of their own turn out to be one person."""
        kept, old = make.member(self.community, at=START), self.members[0]
        Membership.objects.filter(pk=old.pk).update(user=None, name="")
        merging.merge(kept=kept, merged=Membership.objects.get(pk=old.pk), choices={}, at=self.now, by=SITE)
        return old.number, kept.number

    def erase_somebody(self):
        erasure.erase(membership=Membership.objects.get(pk=self.members[1].pk), at=self.now, by=SITE)

    # --- as plain rows ------------------------------------------------------------------------------

    def member_of(self, number):
        row = Membership.objects.records_of(self.community.pk).get(number=number)
        return row.merged_into.number if row.merged_into else row.number

    def payments(self):
        rows = Payment.objects.of(self.community.pk).values(
            "id",
            "method",
            "amount",
            "currency",
            "paid_at",
            "recorded_at",
            "reversed_at",
            "membership__number",
        )
        return [row | {"member": self.member_of(row["membership__number"])} for row in rows]

    def refunds(self):
        return list(
            Refund.objects.filter(community=self.community).values(
                "payment", "amount", "currency", "settled_at", "state", "to_credit"
            )
        )

    def changes(self, as_of=None):
        """By subscription, in the order of writing."""
        found = {}
        rows = SubscriptionChange.objects.filter(subscription__community=self.community).order_by("id")
        for row in rows.select_related("subscription__membership", "plan__tier"):
            if as_of is not None and local_day(row.at, self.community.zone) > as_of:
                continue
            subscription = row.subscription
            found.setdefault(subscription.pk, []).append(
                {
                    "kind": row.kind, "day": row.day, "amount": row.amount, "quantity": row.quantity,
                    "interval": row.plan.interval, "currency": row.plan.currency, "tax_rate": row.plan.tax_rate,
                    "own": subscription.kind == "paid", "cause": subscription.cause,
                    "tier": row.plan.tier.key, "member": self.member_of(subscription.membership.number),
                }
            )  # fmt: skip
        return found

    def invoices(self):
        found = []
        rows = (
            Invoice.objects.of(self.community.pk).filter(reason="period").select_related("subscription__plan")
        )
        for row in rows:
            came = row.payments.filter(surplus=False, reversed_at=None).first()
            found.append(
                {
                    "subscription": row.subscription_id, "currency": row.currency, "starts": row.period_start,
                    "due": row.due_on, "extended_to": row.extended_to, "amount": row.gross,
                    "grace": min(row.subscription.plan.grace_days, 30), "issued_at": row.issued_at,
                    "came_at": came.paid_at if came else None, "paid_at": row.paid_at, "voided_at": row.voided_at,
                }
            )  # fmt: skip
        return found

    def ledger(self, account, *, kinds=()):
        """What stands on the account by month and currency, as the database adds it up."""
        found = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT to_char(entry.day, 'YYYY-MM'), entry.currency, sum(entry.amount)::bigint FROM commerce_entry entry"
                " JOIN commerce_transaction posting ON posting.id = entry.transaction_id"
                " WHERE entry.community_id = %s AND account = ANY(%s) AND (%s = '{}' OR kind = ANY(%s)) GROUP BY 1, 2",
                [self.community.pk, list(account), list(kinds), list(kinds)],
            )
            for month, currency, amount in cursor.fetchall():
                found[month, currency] = amount
        return found

    def still_contracted(self):
        """The subscriptions that have begun and not ended, as they stand now."""
        alive = ("active", "past_due", "suspended", "cancelled")
        found = Subscription.objects.filter(
            community=self.community, status__in=alive, kind="paid", paused_on=None, changes__kind="begun"
        )
        return found.distinct().select_related("plan", "membership")
