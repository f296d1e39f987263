from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    name = "commerce"
    verbose_name = _("Commerce")

    def ready(self) -> None:
        from commerce import (
            asked,
            audit_words,
            columns,
            imports,
            mail_kinds,
            merging_parts,
            permissions,
            person_data,
            places,
            sealing,
            slots,
            till,
            timelines,
        )
        from commerce.services import following, lateness, orders, plans, undoing
        from kernel import activity, dues, payable

        checks.register(sealing.check)
        asked.register()
        audit_words.register()
        columns.register()
        imports.register()
        mail_kinds.register()
        merging_parts.register()
        permissions.register()
        person_data.register()
        dues.provide(plans.are_asked)
        payable.provide(till.Till())
        activity.on("invoice.paid", orders.invoice_paid)
        activity.on("payment.received", orders.payment_received)
        activity.on("payable.returned", orders.returned)
        activity.on("invoice.paid", following.invoice_paid)
        activity.on("invoice.reopened", undoing.invoice_reopened)
        activity.on("payment.refunded", undoing.payment_refunded)
        activity.on("invoice.voided", following.invoice_voided)
        activity.on("invoice.reopened", following.invoice_reopened)
        activity.on("payment.received", following.payment_received)
        activity.on("payment.refunded", following.payment_refunded)
        activity.on("attempt.declined", lateness.declined)
        activity.on("attempt.to_confirm", lateness.to_confirm)
        activity.on("membership.status_changed", following.status_changed)
        places.register()
        slots.register()
        timelines.register()
