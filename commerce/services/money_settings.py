"""What a community has decided about its money."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import MoneySettings
from kernel import words
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.services import audit, powers

FIELDS = (
    "seller_name",
    "seller_address",
    "seller_tax_id",
    "invoice_series",
    "credit_series",
    "ask_ahead_days",
    "lapse_days",
    "refund_days",
    "lifetime_days",
    "reward_percent",
    "reward_amount",
)
MANAGE = "money.settings"


def of(community_id: int) -> MoneySettings:
    """The settings of a community, as they are from the start where none were made."""
    return MoneySettings.objects.filter(pk=community_id).first() or MoneySettings(community_id=community_id)


@transaction.atomic
def change(*, community: Community, at: datetime, by: Actor, **fields: Any) -> MoneySettings:
    """Change what is given of `FIELDS`. Raises `Refused` for what does not fit and for who may not."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not settings of money: {', '.join(sorted(unknown))}")
    powers.require(by, MANAGE)
    MoneySettings.objects.bulk_create([MoneySettings(community_id=community.id)], ignore_conflicts=True)
    settings = locked(MoneySettings.objects.filter(pk=community.id)).get()
    for name in ("seller_name", "seller_tax_id"):
        if name in fields:
            fields[name] = words.one_line(fields[name])
    before, after = audit.changed({name: getattr(settings, name) for name in fields}, fields)
    if not after:
        return settings
    for name, value in after.items():
        setattr(settings, name, value)
    _guard(settings)
    settings.save(update_fields=list(after))
    audit.record(
        action="money.settings_changed",
        object_kind="money_settings",
        by=by,
        at=at,
        community_id=community.id,
        before=before,
        after=after,
    )
    return settings


def _guard(settings: MoneySettings) -> None:
    for name in ("invoice_series", "credit_series"):
        series = getattr(settings, name)
        if not (series.isascii() and series.isalnum() and series == series.upper()):
            raise Refused(_("Capital letters and digits, please."), code="series", field=name)
    if settings.invoice_series == settings.credit_series:
        raise Refused(
            _("Invoices and credit notes are counted apart: give them two names."),
            code="series",
            field="credit_series",
        )
    if settings.reward_percent and settings.reward_amount:
        raise Refused(_("A reward is a share or an amount, not both."), code="both", field="reward_amount")
    if settings.reward_percent > 10_000:
        raise Refused(_("A share is 100% at most."), code="too_much", field="reward_percent")
    if settings.reward_amount < 0:
        raise Refused(_("A reward is not less than nothing."), code="too_little", field="reward_amount")
    if not 1 <= settings.lapse_days <= 365:
        raise Refused(_("Between 1 and 365 days."), code="days", field="lapse_days")
    if not 365 <= settings.lifetime_days <= 36_525:
        raise Refused(_("Between one year and a hundred, in days."), code="days", field="lifetime_days")
    if settings.ask_ahead_days > 60:
        raise Refused(_("60 days at most."), code="days", field="ask_ahead_days")
    if settings.refund_days > 365:
        raise Refused(_("365 days at most."), code="days", field="refund_days")
