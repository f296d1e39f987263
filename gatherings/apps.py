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
            merging_parts,
            permissions,
            person_data,
            places,
            slots,
        )
        from gatherings.services import series
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
        activity.on("event.published", series.published)
