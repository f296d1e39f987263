"""Ordering a gift, and taking it back while nobody has taken it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commerce.models import Gift, Invoice, InvoiceLine, Payment, Plan, Refund
from commerce.services import billing, credit_notes, invoices, refunds, seats, standings
from commerce.services.invoices import NewLine
from communities.models import Community
from kernel import words
from kernel.clock import day_start, local_day
from kernel.errors import Refused
from kernel.locks import locked
from kernel.money import Money
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

MANAGE = "money.manage"
#: So many days one that was not paid for waits for it.
WAITS = 7
MOST_PERIODS = 24
#: Nobody guesses it, and nobody misreads it: about 100 bits.
CODE_LENGTH = 20


@transaction.atomic
def buy(
    *,
    giver: Membership,
    plan: Plan,
    periods: int,
    at: datetime,
    by: Actor,
    recipient_name: str = "",
    recipient_email: str = "",
    message: str = "",
) -> Gift:
    """Order a gift, with its invoice, due today: it can be taken as soon as that is paid.

    Raises `Refused`: for who is not let in (`not_now`), for a plan that is not offered, is for groups or costs nothing
    (`not_offered`), for periods that do not fit (`periods`), for what is no address (`email`).
    """
    person = standings.hold(giver)
    community: Community = person.community
    plan = Plan.objects.select_related("tier").get(pk=plan.pk)
    email = recipient_email.strip().lower()
    _guard_order(person, plan, periods, email)
    gift = Gift.objects.create(
        community_id=community.id,
        plan=plan,
        periods=periods,
        code=get_random_string(CODE_LENGTH, seats.LETTERS),
        giver=person,
        recipient_name=words.one_line(recipient_name)[:120],
        recipient_email=email,
        message=message.strip()[:1000],
        made_at=at,
    )
    due_on = local_day(at, community.zone)
    with translation.override(billing.language_of(person, community)):
        line = NewLine(
            InvoiceLine.Kind.GIFT, called(plan, periods), plan.amount * periods, tax_rate=plan.tax_rate
        )
    invoice = invoices.issue(
        community=community,
        membership=person,
        reason=Invoice.Reason.GIFT,
        lines=[line],
        currency=plan.currency,
        due_on=due_on,
        at=at,
        by=by,
        gift=gift,
    )
    if invoice.status == Invoice.Status.OPEN:
        invoice.next_at = day_start(due_on + timedelta(days=WAITS), community.zone)
        invoice.save(update_fields=["next_at"])
    gift.refresh_from_db()
    return gift


def called(plan: Plan, periods: int) -> str:
    """What is given, in the language in force: "Yearly × 2, as a gift"."""
    if periods == 1:
        return _("%(plan)s, as a gift") % {"plan": plan.name}
    return _("%(plan)s × %(n)d, as a gift") % {"plan": plan.name, "n": periods}


@transaction.atomic
def revoke(*, gift: Gift, reason: str, at: datetime, by: Actor) -> Gift:
    """Take a gift back that nobody has taken: what was paid goes back the way it came, and credit to credit.

    The giver takes back what they have not paid; all else is for staff. Raises `Refused` for one that was taken
    (`redeemed`) or taken back (`revoked`), while a payment is on its way (`being_paid`), and as `refunds.ask` does.
    """
    invoice = Invoice.objects.select_related("community", "membership").get(gift=gift)
    standings.hold(invoice.membership)
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    gift = locked(Gift.objects.filter(pk=gift.pk)).get()
    own = by.membership is not None and by.membership.pk == gift.giver_id
    if not own:
        powers.require(by, MANAGE)
    if gift.redeemed_at is not None:
        raise Refused(_("Somebody has taken this gift already."), code="redeemed")
    if gift.revoked_at is not None:
        raise Refused(_("This gift was taken back."), code="revoked")
    if own and invoice.status != Invoice.Status.OPEN:
        powers.require(by, MANAGE)
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")
    gift.revoked_at = at
    gift.save(update_fields=["revoked_at"])
    if invoice.status == Invoice.Status.OPEN:
        invoices.void(invoice=invoice, community=gift.community, reason=reason, at=at, by=by)
    elif invoice.status == Invoice.Status.PAID:
        _pay_back(invoice, reason, at=at, by=by)
    if not own:
        audit.record(
            action="gift.revoked",
            object_kind="gift",
            object_id=gift.key.hex,
            by=by,
            at=at,
            community_id=gift.community_id,
            after={
                "member": invoice.membership.number,
                "plan": gift.plan.name,
                "reason": reason.strip()[:240],
            },
        )
    return gift


def _pay_back(invoice: Invoice, reason: str, *, at: datetime, by: Actor) -> None:
    payment = Payment.objects.filter(invoice=invoice, surplus=False, reversed_at=None).first()
    if payment is not None:
        left = payment.money - Money(payment.refunded + payment.refunding, payment.currency)
        if left.amount:
            refunds.ask(payment=payment, money=left, reason=reason, then=Refund.Then.KEEP, at=at, by=by)
    credit_notes.credit_back(invoice=invoice, community=invoice.community, reason=reason, at=at)


def _guard_order(person: Membership, plan: Plan, periods: int, email: str) -> None:
    if not person.is_admitted:
        raise Refused(_("Members give gifts: join first."), code="not_now")
    offered = Plan.objects.of(person.community_id).offered().filter(pk=plan.pk, group=False, amount__gt=0)
    if not offered.exists():
        raise Refused(_("This plan is not offered."), code="not_offered", field="plan")
    most = MOST_PERIODS if plan.renews else 1
    if not 1 <= periods <= most:
        message = ngettext("%(most)d period at most.", "Between 1 and %(most)d periods.", most)
        raise Refused(message % {"most": most}, code="periods", field="periods")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Refused(_("This is no e-mail address."), code="email", field="recipient_email") from None
