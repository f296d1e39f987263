"""Tries to have an invoice paid: written before the provider hears of them, asked with one key for ever, and settled by
what the provider says, in whatever order it says it.

Who talks to a provider holds no transaction: each of these writes, asks, and writes again.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from commerce import sealing
from commerce.models import Invoice, Mandate, Order, PaymentAttempt, ProviderAccount
from commerce.providers import base, wire
from commerce.providers.base import Capability, ProviderDown, ProviderPayment, ProviderRefused, Surface
from commerce.services import accounts, outcomes
from kernel.errors import Refused
from kernel.locks import held, locked, none_open
from members.actors import Actor
from members.models import Membership

log = logging.getLogger(__name__)

Kind, State = PaymentAttempt.Kind, PaymentAttempt.State
#: How long a way to pay stays open, and how long an answer may be on its way.
OPEN_FOR, IN_FLIGHT = timedelta(days=1), timedelta(minutes=2)
#: When a provider is asked again, each time counted from the last; after that an operator is.
DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
#: A provider's word that there is no leave to charge any more.
GONE = "mandate_gone"

apply = outcomes.apply


def begin(
    *,
    invoice: Invoice,
    account: ProviderAccount,
    surface: Surface,
    return_url: str,
    at: datetime,
    by: Actor,
    save_mandate: bool = False,
    client_ip: str = "",
    payer: str = "",
    own: bool = False,
) -> PaymentAttempt:
    """A way for the payer to pay the invoice. The one that is open on this rail and surface is given again; one that is
    open elsewhere is closed first. Without `presentation` the provider has not answered yet: begin again. `own` says that the
    member pays themselves, so that what the provider is told of the payer is told of them.

    Raises `Refused` for an invoice that is not to be paid (`not_open`), a rail that is not offered for it (`not_offered`),
    one that takes nothing now (`rail_refused`), and while another payment may be on its way (`being_paid`).
    """
    none_open()
    told: dict[str, str | bool] = {
        "return_url": return_url,
        "client_ip": client_ip,
        "payer": payer,
        "own": own,
    }
    for _again in range(3):
        with transaction.atomic(durable=True):
            invoice = _open(invoice)
            _guard_rail(account, invoice, surface)
            other = invoice.attempts.filter(state__in=PaymentAttempt.LIVE).first()
            if other is None:
                other = _write(
                    invoice, account, Kind.CHECKOUT, at, told, surface=surface, save_mandate=save_mandate
                )
        # What was opened in somebody's name is no other's to pay.
        named = other.asked.get("payer", "")
        same = (other.kind, other.account_id, other.surface, other.save_mandate, named)
        wanted = (Kind.CHECKOUT, account.pk, surface, save_mandate, payer)
        if same == wanted and other.amount == invoice.due.amount and can_go_on(other, at):
            return _present(other, at, by)
        close(other, at=at, by=by)
    raise Refused(_("A payment of this invoice is on its way: look again in a moment."), code="being_paid")


def charge(*, invoice: Invoice, mandate: Mandate, at: datetime, by: Actor) -> PaymentAttempt:
    """Charge a saved means while its owner is away. What comes of it is the attempt's `state`. Raises as `intend` does."""
    none_open()
    with transaction.atomic(durable=True):
        attempt = intend(invoice=invoice, mandate=mandate, at=at)
    return ask_to_charge(attempt, at=at, by=by)


@transaction.atomic
def intend(*, invoice: Invoice, mandate: Mandate, at: datetime) -> PaymentAttempt:
    """Write that a saved means is to be charged, and what else is decided with that in one transaction: `ask_to_charge` does
    it afterwards, and where whoever meant to has died the janitor.

    Raises `Refused` as `begin` does, and for a means that was taken back (`no_mandate`).
    """
    invoice = _open(invoice)
    mandate = Mandate.objects.select_related("account__community").get(pk=mandate.pk)
    if mandate.ended_at is not None or mandate.membership_id != invoice.membership_id:
        raise Refused(_("There is no leave to charge this."), code="no_mandate")
    _guard_rail(mandate.account, invoice, None)
    if invoice.attempts.filter(state__in=PaymentAttempt.LIVE).exists():
        raise Refused(_("A payment of this invoice is on its way."), code="being_paid")
    told: dict[str, str | bool] = {"payer": mandate.payer, "own": True}
    return _write(invoice, mandate.account, Kind.OFF_SESSION, at, told, mandate=mandate)


def refresh(attempt: PaymentAttempt, *, at: datetime, by: Actor) -> PaymentAttempt:
    """Ask the provider what has become of it, and apply the answer; without one it stays as it is."""
    none_open()
    attempt = whole(attempt)
    if _is_instructions(attempt):
        return attempt
    found = asked(attempt)
    return outcomes.apply(attempt, found, at=at, by=by) if found else attempt


def close(attempt: PaymentAttempt, *, at: datetime, by: Actor) -> PaymentAttempt:
    """Close the way to pay, unless it was paid meanwhile. Raises `Refused` (`being_paid`) where the provider does not say
    so, or may still be acting on what it was told."""
    none_open()
    attempt = whole(attempt)
    if not attempt.is_live:
        return attempt
    words = _("A payment of this invoice is on its way: look again in a moment.")
    try:
        found = accounts.adapter(attempt.account).cancel(attempt.reference, attempt.provider_reference)
    except (ProviderDown, ProviderRefused, sealing.Unreadable) as trouble:
        raise Refused(words, code="being_paid") from trouble
    if found.state is base.State.ABSENT:
        if attempt.called_at and at - attempt.called_at < IN_FLIGHT:
            raise Refused(words, code="being_paid")
        return outcomes.drop(attempt, at=at)
    attempt = outcomes.apply(attempt, found, at=at, by=by)
    if attempt.is_live:
        raise Refused(words, code="being_paid")
    return attempt


def ask_to_charge(attempt: PaymentAttempt, *, at: datetime, by: Actor) -> PaymentAttempt:
    """Have a written attempt charged, with its one key: asked twice, charged once."""
    none_open()
    attempt = whole(attempt)
    if not attempt.is_live or attempt.mandate is None:
        return attempt
    outcomes.called(attempt, at=at)
    means = base.Mandate(attempt.mandate.reference, attempt.mandate.payer, attempt.mandate.label)
    try:
        rail = accounts.adapter(attempt.account)
        found = rail.charge_off_session(means, as_told(attempt), idem=attempt.idem)
    except ProviderDown:
        return outcomes.unknown(attempt, at=at)
    except ProviderRefused as no:
        _warn(attempt, no)
        return outcomes.decline(attempt, no.code, hard=no.code == GONE, at=at, by=by)
    except sealing.Unreadable as trouble:
        _warn(attempt, trouble)
        return outcomes.decline(attempt, "keys", hard=False, at=at, by=by)
    return outcomes.apply(attempt, found, at=at, by=by)


def as_told(attempt: PaymentAttempt) -> base.Attempt:
    """The attempt in the words that the provider is told, the same at every asking."""
    told = attempt.asked
    return base.Attempt(
        reference=attempt.reference,
        amount=attempt.money,
        description=told.get("description", ""),
        language=told.get("language", ""),
        email=told.get("email", ""),
        payer=told.get("payer", ""),
        client_ip=told.get("client_ip", ""),
        save_mandate=attempt.save_mandate,
        expires_at=attempt.made_at + OPEN_FOR if attempt.kind == Kind.CHECKOUT else None,
    )


def can_go_on(attempt: PaymentAttempt, at: datetime) -> bool:
    """Whether the payer can still go on with the way to pay that was opened for them."""
    shown = attempt.presentation or {}
    short = wire.SHORT_LIVED.get(shown.get("kind", ""))
    if short is not None and attempt.called_at is not None and at >= attempt.called_at + short:
        return False
    return at < attempt.made_at + OPEN_FOR


def _present(attempt: PaymentAttempt, at: datetime, by: Actor) -> PaymentAttempt:
    """Have the provider open the way to pay, unless it is open: with the attempt's one key, so never two of them."""
    if attempt.presentation:
        return attempt
    attempt = whole(attempt)
    outcomes.called(attempt, at=at)
    try:
        shown = accounts.adapter(attempt.account).create_checkout(
            as_told(attempt),
            idem=attempt.idem,
            surface=Surface(attempt.surface),
            return_url=attempt.asked.get("return_url", ""),
        )
    except ProviderDown:
        return outcomes.unknown(attempt, at=at)
    except (ProviderRefused, sealing.Unreadable) as no:
        _warn(attempt, no)
        outcomes.drop(attempt, at=at, code=getattr(no, "code", "keys"))
        raise Refused(
            _("This way of paying takes nothing now. Try another one."), code="rail_refused"
        ) from no
    with translation.override(attempt.invoice.language):
        presentation = wire.written(shown)
    return outcomes.presented(attempt, presentation, shown.provider_reference, at=at)


def _open(invoice: Invoice) -> Invoice:
    """The invoice, locked after its member, if something is to be paid on it."""
    held(Membership.objects.filter(pk=invoice.membership_id)).get()
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    order = invoice.order
    # What was ordered and is kept no more is taken back as soon as nothing is on its way.
    over = order is not None and order.state != Order.State.HELD
    if invoice.status != Invoice.Status.OPEN or not invoice.due or over:
        raise Refused(_("This invoice is not to be paid any more."), code="not_open")
    return invoice


def _guard_rail(account: ProviderAccount, invoice: Invoice, surface: Surface | None) -> None:
    """`surface` None: its owner is away."""
    account = ProviderAccount.objects.select_related("community").get(pk=account.pk)
    words = _("This way of paying is not offered for this invoice.")
    if account.community_id != invoice.community_id or account not in accounts.offered(account.community):
        raise Refused(words, code="not_offered")
    rail = accounts.adapter(account)
    takes = rail.currencies is None or invoice.currency in rail.currencies
    here = Capability.OFF_SESSION in rail.capabilities if surface is None else surface in rail.surfaces
    if not (takes and here):
        raise Refused(words, code="not_offered")


def _write(
    invoice: Invoice,
    account: ProviderAccount,
    kind: PaymentAttempt.Kind,
    at: datetime,
    told: dict[str, str | bool],
    **fields: object,
) -> PaymentAttempt:
    billed, community = invoice.billed_to, account.community
    words = {
        "description": f"{community.name} {invoice.number}",
        "language": invoice.language,
        "email": billed.get("email") or "",
    }
    return PaymentAttempt.objects.create(
        invoice=invoice,
        account=account,
        kind=kind,
        amount=invoice.due.amount,
        currency=invoice.currency,
        asked={**words, **told},
        made_at=at,
        # Whoever dies between writing and asking is found by the janitor.
        next_ask_at=at + DELAYS[0],
        **fields,
    )


def asked(attempt: PaymentAttempt) -> ProviderPayment | None:
    """What the provider says of it, None where it says nothing."""
    try:
        rail = accounts.adapter(attempt.account)
        return rail.fetch_payment(attempt.reference, attempt.provider_reference)
    except (ProviderDown, ProviderRefused, sealing.Unreadable):
        return None


def whole(attempt: PaymentAttempt) -> PaymentAttempt:
    """As it is now, with what it takes to speak of it."""
    rows = PaymentAttempt.objects.select_related("invoice", "account__community", "mandate")
    return rows.get(pk=attempt.pk)


def _is_instructions(attempt: PaymentAttempt) -> bool:
    return bool(attempt.presentation) and attempt.presentation["kind"] == wire.INSTRUCTIONS


def _warn(attempt: PaymentAttempt, trouble: Exception) -> None:
    code = getattr(trouble, "code", "") or type(trouble).__name__
    log.warning("%s refused attempt %s: %s", attempt.account.provider, attempt.pk, code)
