"""How the audit log speaks of money."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models import Coupon, Difference, MoneySettings, Payment, Plan, Refund
from kernel.tenancy import Community
from members import audit_values as ways
from members import audit_words
from members.services import audit

#: What the site calls itself where it takes money over from providers.
PAYMENTS = "Payments"


def register() -> None:
    for key, label in (
        ("gift.revoked", _("Took a gift back")),
        ("invoice.extended", _("Let an invoice wait")),
        ("invoice.forgiven", _("Forgave dues")),
        ("invoice.voided", _("Took an invoice back")),
        ("difference.settled", _("Settled a difference with a provider's books")),
        ("ledger.exported", _("Exported the ledger")),
        ("dispute.opened", _("Heard that a payment is disputed")),
        ("dispute.won", _("Won a dispute")),
        ("dispute.lost", _("Lost a dispute")),
        ("dispute.settled", _("Decided about the membership of a disputed payment")),
        ("money.settings_changed", _("Changed the settings of money")),
        ("payment.by_hand", _("Recorded a payment by hand")),
        ("payment.refund_asked", _("Had a payment sent back")),
        ("statement.read", _("Read a bank statement")),
        ("statement.set_aside", _("Set lines of a bank statement aside")),
        ("payment.settled", _("Settled a payment that nobody had finished")),
        ("rail.settled", _("Settled a word of a payment provider")),
        ("payment.taken_back", _("Took back that a payment had come")),
        ("rail.approved", _("Let the community take money by providers")),
        ("rail.connected", _("Connected a payment provider")),
        ("rail.changed", _("Changed the keys of a payment provider")),
        ("rail.enabled", _("Offered a payment provider to members")),
        ("rail.disabled", _("Offered a payment provider no more")),
        ("rail.disconnected", _("Disconnected a payment provider")),
        ("plan.created", _("Made a plan")),
        ("plan.changed", _("Changed a plan")),
        ("plan.archived", _("Put a plan away")),
        ("coupon.created", _("Made a coupon")),
        ("coupon.ended", _("Ended a coupon")),
        ("subscription.begun", _("Took a plan for a member")),
        ("subscription.changed", _("Changed a member's plan")),
        ("subscription.given", _("Gave a member a plan free of charge")),
        ("subscription.cancelled", _("Cancelled a member's plan")),
        ("subscription.ended", _("Ended a member's plan with its money")),
        ("subscription.kept", _("Kept a member's plan after all")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "invoice",
        _("Invoice"),
        fields={"member": _("member"), "amount": _("amount"), "reason": _("reason"), "until": _("until")},
        kept=("amount", "until"),
    )
    audit_words.add_kind("plan", _("Plan"), model=Plan, says={"tier": ways.plain}, called=_plan)
    audit_words.add_kind("coupon", _("Coupon"), model=Coupon, fields={"plans": _("plans")}, called=ways.plain)
    audit_words.add_kind(
        "subscription",
        _("Membership plan"),
        fields={
            "member": _("member"),
            "plan": _("plan"),
            "reason": _("reason"),
            "to": _("new plan"),
            "until": _("until"),
            "then_paid": _("is paid for then"),
        },
        kept=("plan", "to", "until", "then_paid"),
    )
    audit_words.add_kind(
        "gift",
        _("Gift"),
        fields={"member": _("member"), "plan": _("plan"), "reason": _("reason")},
        kept=("plan",),
    )
    audit_words.site.add("Dues", _("Dues"))
    audit_words.add_kind(
        "difference",
        _("Difference of books"),
        fields={
            "rail": _("provider"),
            "kind": _("difference"),
            "subject": _("on what"),
            "reference": _("number there"),
            "reason": _("reason"),
        },
        says={
            "kind": lambda value, _known: _named(Difference.Kind, value),
            "subject": lambda value, _known: _named(Difference.Subject, value),
        },
        kept=("rail", "kind", "subject", "reference"),
    )
    audit_words.add_kind(
        "ledger",
        _("Ledger"),
        fields={"file": _("file"), "since": _("first day"), "until": _("last day")},
        kept=("file", "since", "until"),
    )
    audit_words.add_kind("money_settings", _("Settings of money"), model=MoneySettings)
    audit_words.add_kind(
        "payment",
        _("Payment"),
        says={
            "then": ways.one_of(lambda: Refund.Then.choices),
            "method": ways.one_of(lambda: Payment.Method.choices),
        },
        fields={
            "member": _("member"),
            "amount": _("amount"),
            "currency": _("currency"),
            "to_credit": _("as credit"),
            "then": _("the membership then"),
            "method": _("how it came"),
            "day": _("day"),
            "reason": _("reason"),
        },
        kept=("amount", "currency", "to_credit", "then", "method", "day"),
    )
    audit_words.add_kind(
        "statement",
        _("Bank statement"),
        fields={"lines": _("lines"), "new": _("new lines")},
        kept=("lines", "new"),
    )
    audit_words.add_kind(
        "rail",
        _("Payment provider"),
        fields={"provider": _("provider"), "given": _("fields that were filled in"), "reason": _("reason")},
    )
    audit_words.site.add(PAYMENTS, _("Payments"))
    # Groups' names on the log's own page.
    audit_words.add_kind("money", _("Money"))
    audit_words.add_kind("dispute", _("Dispute"))


def _named(choices: type[models.TextChoices], value: object) -> str:
    return str(choices(value).label) if value in choices.values else str(value)


def _plan(key: object, known: ways.Known) -> str:
    return known.table(_plans).get(str(key), "")


def _plans(community: Community) -> dict[str, str]:
    return {plan.key.hex: plan.name for plan in Plan.objects.of(community.id)}
