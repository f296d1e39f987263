"""What members see of their own dues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce.ladder import Ladder, Means, Owed, suspends_on
from commerce.models import Account, Entry, Invoice, Mandate, Subscription
from commerce.selectors import plans
from kernel import words
from kernel.money import Money
from members.models import Membership

Status = Subscription.Status
_TONES = {
    Status.PENDING: "warn",
    Status.TRIALING: "accent",
    Status.ACTIVE: "good",
    Status.PAST_DUE: "warn",
    Status.SUSPENDED: "bad",
    Status.CANCELLED: "",
}


@dataclass(frozen=True)
class Standing:
    """Where a member's dues stand, in a sentence; `acts` are what they can do about it, `pay_url` leads to what is open.

    `paid_until` is the last day that is paid for, None for life and before anything is paid.
    """

    words: str
    tone: str = ""
    per: str = ""
    paid_until: date | None = None
    next_on: date | None = None
    next_amount: Money | None = None
    pay_url: str = ""
    acts: frozenset[str] = frozenset()


def invoices_of(membership: Membership) -> QuerySet[Invoice]:
    """A member's invoices, the latest first, with those of records that were merged into theirs."""
    mine = Invoice.objects.filter(membership__in=records_of(membership))
    return mine.select_related("community").order_by("-id")


def mandates_of(membership: Membership) -> QuerySet[Mandate]:
    """The means of payment that may be charged while they are away."""
    return Mandate.objects.filter(membership=membership, ended_at=None).select_related("account")


def last_day(subscription: Subscription) -> date | None:
    """The last day that it is good for as things stand; None for life, and before anything is paid."""
    return subscription.period_end - timedelta(days=1) if subscription.period_end else None


def ended_of(membership: Membership) -> list[Subscription]:
    """Plans that they had, the latest first."""
    rows = Subscription.objects.filter(membership__in=records_of(membership), status=Status.ENDED)
    return list(rows.select_related("plan").order_by("-id")[:10])


def credits_of(membership: Membership) -> list[Money]:
    """What the community owes them, a sum for each currency."""
    mine = Entry.objects.filter(membership__in=records_of(membership), account=Account.CREDIT)
    rows = mine.values("currency").annotate(owed=Sum("amount")).order_by("currency")
    return [Money(-row["owed"], row["currency"]) for row in rows if row["owed"]]


def standing(subscription: Subscription | None, invoices: Sequence[Invoice]) -> Standing:
    """Where it stands. `invoices` are the member's."""
    owed = next((one for one in invoices if one.status == Invoice.Status.OPEN), None)
    pay_url = reverse("commerce:pay", args=[owed.pay_token]) if owed else ""
    if subscription is None:
        return Standing(_("You have taken no plan here."), pay_url=pay_url)
    status = Status(subscription.status)
    until = last_day(subscription)
    following = _following(subscription)
    return Standing(
        words=_words(subscription, status, until, owed),
        tone=_TONES.get(status, ""),
        per=plans.per(subscription.plan),
        paid_until=until,
        next_on=following,
        next_amount=subscription.next_price if following else None,
        pay_url=pay_url,
        acts=_acts(subscription, status),
    )


def _words(subscription: Subscription, status: Status, until: date | None, owed: Invoice | None) -> str:
    if status == Status.TRIALING and subscription.trial_ends_on:
        ends = words.day(subscription.trial_ends_on)
        return _("You are trying it out: the first dues are due on %(day)s.") % {"day": ends}
    if status == Status.PAST_DUE and owed is not None:
        ends = words.day(_suspended_on(subscription, owed))
        return _("Your dues are late. Pay before %(day)s, and nothing changes.") % {"day": ends}
    if status == Status.ACTIVE and subscription.kind != Subscription.Kind.PAID:
        return (
            _("It is given to you until %(day)s.") % {"day": words.day(until)}
            if until
            else _("It is given to you, for life.")
        )
    if status == Status.ACTIVE:
        return (
            _("All is paid until %(day)s.") % {"day": words.day(until)}
            if until
            else _("All is paid, for life.")
        )
    if status == Status.CANCELLED and until:
        return _("You cancelled: everything stays yours until %(day)s.") % {"day": words.day(until)}
    return {
        Status.PENDING: _("Your first payment is all that is missing."),
        Status.SUSPENDED: _("Your membership rests until the dues are paid."),
    }.get(status, _("It runs out."))


def _suspended_on(subscription: Subscription, owed: Invoice) -> date:
    late = Owed(owed.extended_to or owed.due_on, Means.PAYER)
    return suspends_on(late, Ladder(grace_days=subscription.plan.grace_days))


def _following(subscription: Subscription) -> date | None:
    """The day of the next dues; None where none follow."""
    if subscription.status == Status.TRIALING:
        return subscription.trial_ends_on
    runs = subscription.status in (Status.ACTIVE, Status.PAST_DUE) and subscription.next_price is not None
    return subscription.period_end if runs and subscription.paused_on is None else None


def _acts(subscription: Subscription, status: Status) -> frozenset[str]:
    if status == Status.CANCELLED:
        return frozenset({"resume"})
    if subscription.period_end is None and status == Status.ACTIVE:
        return frozenset({"change"})
    acts = {"cancel"}
    if status == Status.ACTIVE and subscription.paused_on is None:
        acts |= {"change", "pause"}
    if subscription.paused_on is not None:
        acts |= {"resume"}
    return frozenset(acts)


def records_of(membership: Membership) -> list[int]:
    """The member's own record and those that were merged into it."""
    return [membership.pk, *membership.merged_records.values_list("pk", flat=True)]
