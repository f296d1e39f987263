"""How the audit log speaks of gatherings."""

from django.utils.translation import gettext_lazy as _

from gatherings.models import Event
from members import audit_values as ways
from members import audit_words
from members.services import audit


def register() -> None:
    for key, label in (
        ("event.planned", _("Planned a gathering")),
        ("event.changed", _("Changed a gathering")),
        ("event.proposed", _("Proposed a gathering")),
        ("event.published", _("Announced a gathering")),
        ("event.declined", _("Declined a gathering")),
        ("event.cancelled", _("Cancelled a gathering")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "event",
        _("Gathering"),
        model=Event,
        fields={"hosts": _("hosts"), "places": _("places"), "reason": _("reason")},
        says={"hosts": ways.each(ways.member)},
    )
