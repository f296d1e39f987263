"""How the audit log speaks of what communities do."""

from typing import Any

from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from communities import emoji
from communities.models import (
    ApiKey,
    Case,
    Circle,
    Community,
    JoinQuestion,
    Measure,
    MessageReport,
    TalkRules,
)
from communities.models.application import Decision
from kernel import words
from members import audit_values as ways
from members import audit_words
from members.audit_values import Known
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
        ("circle.host_appointed", _("Let a member look after a circle")),
        ("circle.host_dismissed", _("Ended a member's looking after a circle")),
        ("circle.request_approved", _("Let a member into a closed circle")),
        ("circle.request_declined", _("Declined a request for a circle")),
        ("post.hidden", _("Hid a post")),
        ("post.shown", _("Showed a hidden post again")),
        ("post.locked", _("Closed a thread")),
        ("post.unlocked", _("Opened a thread again")),
        ("post.pinned", _("Pinned a post")),
        ("post.unpinned", _("Unpinned a post")),
        ("post.answer_accepted", _("Accepted an answer for who asked")),
        ("post.answer_taken_back", _("Took back that an answer was accepted")),
        ("comment.hidden", _("Hid a comment")),
        ("comment.shown", _("Showed a hidden comment again")),
        ("message_report.read", _("Read a message that was reported")),
        ("message_report.settled", _("Settled the report of a message")),
        ("community.talk_rules_changed", _("Changed what may be written")),
        ("post.approved", _("Approved a post")),
        ("comment.approved", _("Approved a comment")),
        ("post.moved", _("Moved a post to another circle")),
        ("report.kept", _("Left what was reported as it is")),
        ("report.acted", _("Acted upon what was reported")),
        ("appeal.lifted", _("Lifted what a member appealed against")),
        ("appeal.upheld", _("Let stay what a member appealed against")),
        ("member.warned", _("Warned a member")),
        ("member.muted", _("Muted a member for a time")),
        ("member.unmuted", _("Ended a member's mute")),
        ("talk.exported", _("Exported what was written")),
        ("question.created", _("Added a question for newcomers")),
        ("question.changed", _("Changed a question for newcomers")),
        ("question.moved", _("Moved a question for newcomers")),
        ("question.deleted", _("Deleted a question for newcomers")),
    ):
        audit.actions.add(key, label)
    audit_words.site.add("The waiting list", _("The waiting list"))
    for command in ("create_community", "create_api_key"):
        audit_words.site.add(command, _("A command at the console"))
    audit_words.add_kind(
        "community",
        _("Community"),
        model=Community,
        says={"timezone": _zone, "currency": _currency, "reactions": _reactions},
    )
    audit_words.add_kind("letter", _("Letter"), fields={"text": _("text")}, called=_letter)
    audit_words.add_kind(
        "api_key",
        _("API key"),
        model=ApiKey,
        fields={"scopes": _("scopes")},
    )
    audit_words.add_kind(
        "circle",
        _("Circle"),
        model=Circle,
        fields={"member": _("member"), "position": _("place"), "city": _("city")},
        says={"member": ways.member},
        called=ways.still_there(_circles),
    )
    for key, label in (("post", _("Post")), ("comment", _("Comment"))):
        audit_words.add_kind(key, label, fields={"member": _("member")}, says={"member": ways.member})
    audit_words.add_kind("talk", _("What was written"), fields={"circle": _("circle")})
    audit_words.add_kind(
        "message_report",
        _("Report of a message"),
        fields={"member": _("member"), "outcome": _("outcome")},
        says={"member": ways.member, "outcome": _outcome},
    )
    audit_words.add_kind(
        "report",
        _("Report"),
        fields={"member": _("member"), "act": pgettext_lazy("moderation", "what was done")},
        says={"member": ways.member, "act": _act},
    )
    audit_words.add_kind(
        "talk_rules",
        _("What may be written"),
        model=TalkRules,
    )
    audit_words.add_kind(
        "appeal",
        _("Appeal"),
        fields={"member": _("member"), "act": pgettext_lazy("moderation", "what was done")},
        says={"member": ways.member, "act": _measure},
    )
    audit_words.add_kind(
        "question",
        _("Question"),
        model=JoinQuestion,
        fields={"place": _("place"), "options": _("choices")},
        called=ways.still_there(_questions),
    )


def _act(value: Any, known: Known) -> str:
    return str(dict(Case.Act.choices).get(value, value))


def _measure(value: Any, known: Known) -> str:
    return str(dict(Measure.Kind.choices).get(value, value))


def _zone(value: Any, known: Known) -> str:
    return words.zone(value)


def _outcome(value: Any, known: Known) -> str:
    return str(dict(MessageReport.Outcome.choices).get(value, value))


def _currency(value: Any, known: Known) -> str:
    return words.currency(value)


def _reactions(value: Any, known: Known) -> str:
    return words.listed(f"{kind.emoji} {kind.word}" for kind in emoji.kinds(value))


def _letter(value: Any, known: Known) -> str:
    """For "<decision>:<language>"."""
    decision, _colon, code = value.partition(":")
    label = dict(Decision.choices).get(decision, decision)
    return words.listed([label, get_language_info(code)["name_local"]])


def _circles(community: Any) -> dict[str, str]:
    """By address. A secret circle is written down by another id, and is not named to who does not know of it."""
    return dict(Circle.objects.of(community.id).values_list("slug", "name"))


def _questions(community: Any) -> dict[str, str]:
    found = JoinQuestion.objects.filter(community_id=community.id).values_list("pk", "text")
    return {str(pk): text for pk, text in found}
