"""How the audit log speaks of gatherings."""

from django.utils.translation import gettext_lazy as _

from gatherings.models import Event, GatheringRules, Room
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
        ("event.list_taken", _("Took along the list of who comes")),
        ("event.list_kept", _("Carried the list of who comes along on a phone")),
        ("event.came_undone", _("Took back that somebody came to a gathering")),
        ("circle.chapter_founded", _("Founded a chapter")),
        ("circle.chapter_ended", _("Let a chapter be a circle like others")),
        ("event.exported", _("Exported gatherings or who came")),
        ("community.gathering_rules_changed", _("Changed what is said of gatherings")),
        ("event.series_begun", _("Let a gathering come again")),
        ("event.series_changed", _("Changed how a gathering comes again")),
        ("event.picture_added", _("Added a picture to a gathering")),
        ("event.picture_removed", _("Took a picture from a gathering")),
        ("event.tickets_changed", _("Changed the tickets of a gathering")),
        ("event.ticket_taken_back", _("Took a ticket back")),
        ("event.tickets_taken_along", _("Took along the list of tickets")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "event",
        _("Gathering"),
        model=Event,
        fields={
            "hosts": _("hosts"),
            "places": _("places"),
            "ways": _("ways of coming"),
            "reason": _("reason"),
            "rule": _("comes again"),
            "question": _("question"),
            "member": _("member"),
            "at": _("when"),
            "ticket": _("ticket"),
            "price": _("price for members"),
            "guest_price": _("price for guests"),
            "quantity": _("how many"),
            "withdrawn": _("withdrawn"),
            "refund": _("paid back"),
        },
        says={
            "hosts": ways.each(ways.member),
            "member": ways.member,
            "ways": ways.by_name(dict(Room.Way.choices), {}),
        },
    )
    audit_words.add_kind("gathering_rules", _("What is said of gatherings"), model=GatheringRules)
    audit_words.add_kind(
        "gatherings",
        _("Gatherings"),
        fields={"file": _("file")},
        says={"file": ways.one_of(lambda: [("events", _("gatherings")), ("attendances", _("who came"))])},
        kept=("file",),
    )
