"""What members are written about their dues: amounts and days as they write them, in their language."""

from datetime import date, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from commerce import mail_kinds
from commerce.ladder import Kind as Step
from commerce.ladder import Step as NextStep
from commerce.models import Gift, Invoice, Payment, ReferralReward, Refund, Seat, Subscription
from commerce.services import billing
from kernel import words
from kernel.money import Money
from kernel.tenancy import Community
from members.models import Membership
from members.services import mail

#: Letters about a plan that lead to it; the others to what else there is to take.
_TO_DUES = (mail_kinds.TRIAL_ENDS, mail_kinds.CANCELLED)


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


def given(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """That staff have given somebody a plan, until when, and what follows."""
    member = subscription.membership.merged_into or subscription.membership
    price = subscription.next_price
    with translation.override(billing.language_of(member, community)):
        last = subscription.period_end and subscription.period_end - timedelta(days=1)
        told = {
            "plan": subscription.plan.name,
            "until": _("until %(day)s") % {"day": words.day(last)} if last else _("for life"),
            "next": _("Then your dues are %(amount)s; if you would rather not, cancel before.")
            % {"amount": words.money(price)}
            if price
            else _("You pay nothing for it."),
        }
    url = f"/c/{community.slug}/dues/"
    name = f"{subscription.pk}:{at.isoformat()}"
    _send(mail_kinds.FREE, member, told, community=community, at=at, url=url, name=name)


def reward(of: ReferralReward, inviter: Membership, *, community: Community, at: datetime) -> None:
    with translation.override(billing.language_of(inviter, community)):
        told = {"amount": words.money(Money(of.amount, of.currency)), "name": of.invitee.display_name}
    url = f"/c/{community.slug}/dues/"
    _send(mail_kinds.REWARD, inviter, told, community=community, at=at, url=url, name=str(of.pk))


def gift(of: Gift, *, community: Community, at: datetime) -> None:
    """To whom it is given, who may be nobody's member yet: in the language of the giver."""
    language = billing.language_of(of.giver, community)
    with translation.override(language):
        told = {
            "giver": of.giver.display_name,
            "name": of.recipient_name or of.recipient_email,
            "plan": _given_in(of),
            "message": of.message,
            "day": words.day(of.expires_at and of.expires_at.astimezone(community.zone)),
        }
    url = f"/c/{community.slug}/gift/{of.code}/"
    mail.send(
        kind=mail_kinds.GIFT,
        to=of.recipient_email,
        community=community,
        words=told,
        language=language,
        at=at,
        url=url,
        dedupe=f"{mail_kinds.GIFT}:{of.pk}",
    )


def gift_bought(of: Gift, *, community: Community, at: datetime) -> None:
    giver = of.giver.merged_into or of.giver
    with translation.override(billing.language_of(giver, community)):
        told = {
            "plan": _given_in(of),
            "code": of.code,
            "day": words.day(of.expires_at and of.expires_at.astimezone(community.zone)),
        }
    url = f"/c/{community.slug}/dues/gifts/"
    _send(mail_kinds.GIFT_BOUGHT, giver, told, community=community, at=at, url=url, name=str(of.pk))


def _given_in(of: Gift) -> str:
    return of.plan.name if of.periods == 1 else f"{of.plan.name} × {of.periods}"


def seat(of: Seat, group: Subscription, *, at: datetime) -> None:
    """To whom a seat is offered, who may be nobody's member yet."""
    community, payer = group.community, group.membership
    mail.send(
        kind=mail_kinds.SEAT,
        to=of.email,
        community=community,
        words={"payer": payer.display_name, "plan": group.plan.name},
        language=billing.language_of(payer, community),
        at=at,
        url=f"/c/{community.slug}/seat/{of.code}/",
        dedupe=f"{mail_kinds.SEAT}:{of.code}:{of.email}",
    )


def cancelled(subscription: Subscription, *, community: Community, at: datetime) -> None:
    """That it runs out, and when: nothing is written of what has no end."""
    if subscription.period_end is not None:
        last = subscription.period_end - timedelta(days=1)
        _of_plan(mail_kinds.CANCELLED, subscription, last, community=community, at=at)


def taken_back(of: Invoice, following: NextStep | None, *, community: Community, at: datetime) -> None:
    """That a payment which was noted has not come, and what follows."""
    times = of.payments.exclude(reversed_at=None).count()
    _of_invoice(
        mail_kinds.TAKEN_BACK, of, community=community, at=at, following=following, name=f"{of.pk}:{times}"
    )


def refunded(
    refund: Refund, subscription: Subscription | None, *, community: Community, at: datetime
) -> None:
    """What goes back, why, and what becomes of the membership: nothing is said of it where the money was for none that
    was running."""
    payment = refund.payment
    member, invoice = payment.membership.merged_into or payment.membership, payment.invoice
    with translation.override(billing.language_of(member, community)):
        told = {
            "amount": words.money(refund.money),
            "number": invoice.number if invoice else words.NOTHING,
            "way": _way_back(refund),
            "reason": refund.reason,
            "next": _membership_then(subscription),
        }
    url = f"{pay_path(invoice)}invoice/" if invoice else f"/c/{community.slug}/dues/"
    _send(mail_kinds.REFUNDED, member, told, community=community, at=at, url=url, name=str(refund.pk))


def _way_back(refund: Refund) -> str:
    if refund.to_credit:
        return _("It is your credit now, and pays your next invoices by itself.")
    if refund.payment.method == Payment.Method.PROVIDER:
        return _("It comes back the way you paid; that can take some days.")
    return _("It was sent to you by hand.")


def _membership_then(subscription: Subscription | None) -> str:
    """What becomes of it, in the language in force."""
    if subscription is None:
        return ""
    if subscription.status == Subscription.Status.ENDED:
        return _("Your plan ends with this. You keep your number, and can come back at any time.")
    if subscription.status == Subscription.Status.CANCELLED and subscription.period_end is not None:
        last = words.day(subscription.period_end - timedelta(days=1))
        return _("Everything stays yours until %(day)s; nothing is charged after it.") % {"day": last}
    return _("Your membership goes on as it is.")


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
    name: str = "",
) -> None:
    member = of.membership.merged_into or of.membership
    with translation.override(billing.language_of(member, community)):
        told = {
            "amount": words.money(of.due),
            "number": of.number,
            "day": words.day(day) if day else "",
            "next": what_follows(following) if following else "",
        }
    _send(
        kind, member, told, community=community, at=at, url=pay_path(of), name=name or f"{of.pk}:{of.tries}"
    )


def _of_plan(kind: str, subscription: Subscription, day: date, *, community: Community, at: datetime) -> None:
    member = subscription.membership.merged_into or subscription.membership
    with translation.override(billing.language_of(member, community)):
        told = {
            "plan": subscription.plan.name,
            "day": words.day(day),
            "amount": words.money(subscription.price),
        }
    url = f"/c/{community.slug}/{'dues' if kind in _TO_DUES else 'plans'}/"
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
