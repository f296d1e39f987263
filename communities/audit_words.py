"""How the audit log speaks of what communities do."""

from django.utils.translation import gettext_lazy as _

from communities.models import Circle, Community, JoinQuestion
from members import audit_words
from members.services import audit


def register() -> None:
    for key, label in (
        ("community.founded", _("Founded the community")),
        ("community.approved", _("Approved the community")),
        ("community.settings_changed", _("Changed the settings")),
        ("community.letter_changed", _("Changed the words of a letter")),
        ("api_key.made", _("Made an API key")),
        ("api_key.ended", _("Ended an API key")),
        ("circle.opened", _("Opened a circle")),
        ("circle.changed", _("Changed a circle")),
        ("circle.moved", _("Moved a circle")),
        ("circle.archived", _("Closed a circle")),
        ("circle.reopened", _("Opened a circle again")),
        ("circle.member_added", _("Put a member into a circle")),
        ("circle.member_taken_out", _("Took a member out of a circle")),
        ("question.created", _("Added a question for newcomers")),
        ("question.changed", _("Changed a question for newcomers")),
        ("question.moved", _("Moved a question for newcomers")),
        ("question.deleted", _("Deleted a question for newcomers")),
    ):
        audit.actions.add(key, label)
    fields = {found.name: found.verbose_name for found in Community._meta.concrete_fields}
    audit_words.add_kind("community", _("Community"), fields=fields)
    audit_words.add_kind("letter", _("Letter"), fields={"text": _("text")})
    audit_words.add_kind("api_key", _("API key"), fields={"name": _("name"), "scopes": _("scopes")})
    circles = {found.name: found.verbose_name for found in Circle._meta.concrete_fields}
    audit_words.add_kind(
        "circle", _("Circle"), fields={**circles, "member": _("member"), "position": _("place")}
    )
    questions = {found.name: found.verbose_name for found in JoinQuestion._meta.concrete_fields}
    audit_words.add_kind("question", _("Question"), fields={**questions, "place": _("place")})
