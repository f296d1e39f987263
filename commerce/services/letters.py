"""What members are written about their dues: amounts and days as they write them, in their language."""

from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext as _

from commerce import mail_kinds
from commerce.ladder import Kind as Step
from commerce.ladder import Step as NextStep
from commerce.models import Invoice, Subscription
from commerce.services import billing
from kernel import words
from kernel.tenancy import Community
from members.models import Membership
from members.services import mail


def pay_path(invoice: Invoice) -> str:
    """Where an invoice is paid by whoever holds the link."""
    return f"/pay/{invoice.pay_token}/"


def invoice(of: Invoice, *, community: Community, at: datetime) -> None:
    _of_invoice(mail_kinds.INVOICE, of, community=community, at=at, day=of.due_on)


def receipt(of: Invoice, *, community: Community, at: datetime) -> None:
    _of_invoice(mail_kinds.RECEIPT, of, community=community, at=at)


def reminder(of: Invoice, following: NextStep, *, community: Community, at: datetime) -> None:
    _of_invoice(mail_kinds.REMINDER, of, community=community, at=at, following=following)


def failed(of: Invoice, following: NextStep, *, community: Community, at: datetime) -> None:
    _of_invoice(mail_kinds.FAILED, of, community=community, at=at, following=following)


def ends_soon(subscription: Subscription, day: date, *, community: Community, at: datetime) -> None:
    """That a trial ends, or a term that does not renew."""
    trial = subscription.status == Subscription.Status.TRIALING
    kind = mail_kinds.TRIAL_ENDS if trial else mail_kinds.TERM_ENDS
    _of_plan(kind, subscription, day, community=community, at=at)


def ended(subscription: Subscription, day: date, *, community: Community, at: datetime) -> None:
    _of_plan(mail_kinds.ENDED, subscription, day, community=community, at=at)


def what_follows(step: NextStep) -> str:
    """What happens next while nothing is paid, in the language in force."""
    said = {
        Step.CHARGE: _("We try again on %(day)s."),
        Step.REMIND: _("We ask again on %(day)s."),
        Step.SUSPEND: _("If nothing is paid, your membership is suspended on %(day)s."),
        Step.LAPSE: _("If nothing is paid, your membership lapses on %(day)s."),
    }
    return said.get(step.kind, "") % {"day": words.day(step.on)} if step.kind in said else ""


def _of_invoice(
    kind: str,
    of: Invoice,
    *,
    community: Community,
    at: datetime,
    day: date | None = None,
    following: NextStep | None = None,
) -> None:
    member = of.membership.merged_into or of.membership
    with translation.override(billing.language_of(member, community)):
        told = {
            "amount": words.money(of.due),
            "number": of.number,
            "day": words.day(day) if day else "",
            "next": what_follows(following) if following else "",
        }
    _send(kind, member, told, community=community, at=at, url=pay_path(of), name=f"{of.pk}:{of.tries}")


def _of_plan(kind: str, subscription: Subscription, day: date, *, community: Community, at: datetime) -> None:
    member = subscription.membership.merged_into or subscription.membership
    with translation.override(billing.language_of(member, community)):
        told = {
            "plan": subscription.plan.name,
            "day": words.day(day),
            "amount": words.money(subscription.price),
        }
    url = f"/c/{community.slug}/{'dues' if kind == mail_kinds.TRIAL_ENDS else 'plans'}/"
    _send(kind, member, told, community=community, at=at, url=url, name=f"{subscription.pk}:{day}")


def _send(
    kind: str,
    member: Membership,
    told: dict[str, str],
    *,
    community: Community,
    at: datetime,
    url: str,
    name: str,
) -> None:
    if mail.is_withheld():
        return
    mail.send(kind=kind, to=member, community=community, words=told, at=at, url=url, dedupe=f"{kind}:{name}")
