from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    name = "commerce"
    verbose_name = _("Commerce")

    def ready(self) -> None:
        from commerce import audit_words, merging_parts, permissions, person_data, sealing

        checks.register(sealing.check)
        audit_words.register()
        merging_parts.register()
        permissions.register()
        person_data.register()
