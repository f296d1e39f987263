from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatheringsConfig(AppConfig):
    name = "gatherings"
    verbose_name = _("Gatherings")

    def ready(self) -> None:
        from gatherings import (
            access,
            asked,
            audit_words,
            imports,
            mail_kinds,
            merging_parts,
            payables,
            permissions,
            person_data,
            places,
            reminder_mail_kinds,
            slots,
            ticket_mail_kinds,
            ticket_slots,
            timelines,
            week,
        )
        from gatherings.selectors import search
        from gatherings.services import letters, news, notices, returns, series, waitlist
        from kernel import activity

        access.register()
        audit_words.register()
        imports.register()
        merging_parts.register()
        permissions.register()
        person_data.register()
        places.register()
        slots.register()
        asked.register()
        mail_kinds.register()
        search.register()
        timelines.register()
        week.register()
        activity.on("event.proposed", notices.proposed)
        activity.on("event.published", notices.decided)
        activity.on("event.declined", notices.declined)
        activity.on("event.changed", news.changed)
        activity.on("event.cancelled", news.cancelled)
        activity.on("host.named", notices.named)
        activity.on("event.published", series.published)
        ticket_slots.register()
        ticket_mail_kinds.register()
        reminder_mail_kinds.register()
        payables.register()
        activity.on("ticket.given_back", returns.given_back)
        activity.on("ticket.given_back", letters.given_back)
        activity.on("event.cancelled", returns.cancelled)
        activity.on("ticket.taken", letters.taken)
        activity.on("ticket.taken_back", letters.taken_back)
        activity.on("place.freed", waitlist.freed)
        activity.on("place.offered", letters.offered)
