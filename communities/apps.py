from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Communities")

    def ready(self) -> None:
        from communities import (
            access,
            asked,
            audit_words,
            imports,
            mail_kinds,
            merging_parts,
            permissions,
            person_data,
            places,
            slots,
            talk_week,
        )
        from communities.selectors import search
        from communities.services import (
            api_keys,
            applications,
            kept_answers,
            measures,
            message_letters,
            notices,
            reading,
        )
        from kernel import activity
        from kernel.api import idempotency

        access.register()
        audit_words.register()
        imports.register()
        permissions.register()
        person_data.register()
        merging_parts.register()
        places.register()
        slots.register()
        talk_week.register()
        asked.register()
        mail_kinds.register()
        idempotency.keep_in(kept_answers.Table())
        activity.on("membership.powers_changed", api_keys.end_without_power)
        activity.on("membership.status_changed", applications.follow)
        activity.on("membership.tier_changed", applications.places_moved)
        activity.on("memberships.tier_changed", applications.places_moved)
        activity.on("tier.changed", applications.places_moved)
        search.register()
        activity.on("application.made", notices.made)
        activity.on("application.decided", notices.decided)
        activity.on("reference.asked", notices.asked)
        activity.on("circle.asked", notices.circle_asked)
        activity.on("circle.request_decided", notices.circle_decided)
        activity.on("circle.host_appointed", notices.host_appointed)
        activity.on("comment.written", notices.answered)
        activity.on("member.mentioned", notices.mentioned)
        activity.on("answer.accepted", notices.accepted)
        activity.on("comment.written", reading.answered)
        activity.on("post.hidden", notices.hidden)
        activity.on("message.written", message_letters.received)
        activity.on("message.reported", message_letters.reported)
        activity.on("message.report_settled", message_letters.settled)
        activity.on("post.approved", notices.approved)
        activity.on("case.opened", notices.reported)
        activity.on("case.decided", notices.case_decided)
        activity.on("appeal.made", notices.appealed)
        activity.on("appeal.decided", notices.appeal_decided)
        activity.on("measure.taken", notices.measure_taken)
        activity.on("membership.status_changed", measures.follow_status)
