from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    name = "engagement"
    verbose_name = _("Engagement")

    def ready(self) -> None:
        from engagement import (
            audit_words,
            columns,
            imports,
            mail_kinds,
            merging_parts,
            metrics,  # noqa: F401
            needs,
            permissions,
            person_data,
            places,
            slots,
            week,
        )
        from engagement.selectors import actives as stored_actives
        from engagement.selectors import visits as last_visits
        from engagement.services import arms, corrections, dirty, facts
        from kernel import actives, activity, visits

        permissions.register()
        mail_kinds.register()
        person_data.register()
        merging_parts.register()
        audit_words.register()
        columns.register()
        imports.register()
        places.register()
        slots.register()
        needs.register()
        week.register()
        arms.register()
        visits.known_by(last_visits.last_before)
        actives.known_by(stored_actives.of_each)
        activity.subscribe(facts.record)
        activity.on("community.timezone_changed", dirty.figures_only)
        activity.on("community.weights_changed", dirty.figures_only)
        activity.on("gatherings.told", dirty.figures_only)
        activity.on("revenue.recognised", dirty.day_of)
        activity.on("facts.corrected", corrections.carry_out)
        activity.on("membership.merged", dirty.people)
        activity.on("membership.unmerged", dirty.people)
