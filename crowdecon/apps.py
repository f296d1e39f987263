from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrowdeconConfig(AppConfig):
    name = "crowdecon"
    verbose_name = _("Crowdecon")

    def ready(self) -> None:
        """Make our workers' application the one that every task of every app belongs to."""
        from crowdecon import celery  # noqa: F401
        from members import audit_words

        audit_words.site.add("demo", _("The demo"))
