"""Where the rooms of this app stand in the shells."""

from django.utils.translation import gettext_lazy as _

from commerce import asked, reconciling
from kernel import places, waiting

DUES, PAYMENTS, BOOKS = _("Dues"), _("Payments"), _("Books")


def register() -> None:
    waiting.add("differences", reconciling.waiting, permission="money.view")
    places.add(
        "money",
        label=_("Money"),
        icon="money",
        # The overview of money is made of figures, and so in an app above this one.
        url_name="engagement:money",
        permission="money.view",
        order=45,
    )
    places.add(
        "owed",
        label=_("To be paid"),
        icon="money",
        url_name="commerce:late",
        permission="money.view",
        order=20,
        shell=places.MONEY,
        group=DUES,
    )
    places.add(
        "ledger",
        label=_("Ledger"),
        icon="money",
        url_name="commerce:ledger",
        permission="money.view",
        order=50,
        shell=places.MONEY,
        group=BOOKS,
    )
    places.add(
        "reconciliation",
        label=_("Reconciliation"),
        icon="money",
        url_name="commerce:reconciliation",
        permission="money.view",
        order=60,
        shell=places.MONEY,
        group=BOOKS,
        waits="differences",
    )
    places.add(
        "subscriptions",
        label=_("Subscriptions"),
        icon="money",
        url_name="commerce:subscriptions",
        permission="money.view",
        order=25,
        shell=places.MONEY,
        group=DUES,
    )
    places.add(
        "gifts",
        label=_("Gifts"),
        icon="heart",
        url_name="commerce:desk_gifts",
        permission="money.view",
        order=27,
        shell=places.MONEY,
        group=DUES,
    )
    places.add(
        "rewards",
        label=_("Rewards"),
        icon="heart",
        url_name="commerce:rewards",
        permission="money.view",
        order=29,
        shell=places.MONEY,
        group=DUES,
    )
    places.add(
        "payments",
        label=_("Payments"),
        icon="money",
        url_name="commerce:payments",
        permission="money.view",
        order=30,
        shell=places.MONEY,
        group=PAYMENTS,
        waits=" ".join(asked.STUCK),
    )
    places.add(
        "transfers",
        label=_("Transfers"),
        icon="money",
        url_name="commerce:transfers",
        permission="money.view",
        order=35,
        shell=places.MONEY,
        group=PAYMENTS,
        waits="bank_lines",
    )
    places.add(
        "disputes",
        label=_("Disputes"),
        icon="shield",
        url_name="commerce:disputes",
        permission="money.view",
        order=40,
        shell=places.MONEY,
        group=PAYMENTS,
        waits="disputes",
    )
    for order, key, label, permission in (
        (11, "desk_plans", _("Plans"), "plans.manage"),
        (12, "coupons", _("Coupons"), "plans.manage"),
        (13, "rails", _("Ways to pay"), "rails.manage"),
        (14, "settings", _("Invoices and rewards"), "money.settings"),
    ):
        places.add(
            f"commerce_{key}",
            label=label,
            icon="money",
            url_name=f"commerce:{key}",
            permission=permission,
            order=order,
            shell=places.SETTINGS,
        )
