"""What the audit log says of people and memberships: acts, kinds of things, and how the values of fields are said."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from kernel import imports, mails, words
from members import audit_values as ways
from members import audit_words
from members.audit_values import Known
from members.audit_words import Words, actions, add_kind
from members.models import BulkAct, CustomField, Invitation, Membership, Message, Tier
from members.selectors.bulk import FAILURES as STOPPED
from members.selectors.imports import FAILURES as GIVEN_UP
from members.statuses import acts


def register() -> None:
    for act in acts:
        actions.add(f"member.{act.key}", _DONE[act.key])
    for key, label in _ACTIONS:
        actions.add(key, label)
    for stored, name in _SITE:
        audit_words.site.add(stored, name)
    _people()
    _what_staff_make()
    _what_is_kept()


#: Acts upon a membership as they stand in the log: done, not offered.
_DONE = {
    "apply": _("Applied"),
    "wait": _("Put on the waiting list"),
    "approve": _("Approved"),
    "reject": _("Rejected"),
    "withdraw": _("Withdrew"),
    "ask_payment": _("Asked for payment"),
    "begin_trial": _("Began a trial"),
    "activate": _("Made active"),
    "pause": _("Paused"),
    "resume": _("Resumed"),
    "suspend": _("Suspended for dues"),
    "lapse": _("Let lapse"),
    "renew": _("Renewed"),
    "restrict": _("Restricted"),
    "lift": _("Lifted the restriction"),
    "return": _("Came back"),
    "take_back": _("Took back"),
    "leave": _("Left"),
    "remove": _("Removed"),
    "ban": _("Banned"),
}


def _people() -> None:
    add_kind(
        "member",
        _("Member"),
        model=Membership,
        fields={
            "tier": _("tier"),
            "inviter": _("invited by"),
            "import": _("import"),
            "external_id": _("own id"),
            "given_up": _("addresses"),
            "into": _("merged into"),
            "other": _("the other record"),
            "hours": _("hours"),
        },
        says={
            "inviter": ways.member,
            "into": ways.member,
            "other": ways.member,
            "import": ways.nothing,
            "merge": ways.nothing,
            "custom": ways.custom,
        },
        kept=(
            "status",
            "role",
            "tier",
            "joined_at",
            "left_at",
            "import",
            "inviter",
            "into",
            "other",
            "merge",
        ),
    )
    add_kind(
        "members",
        _("Members"),
        fields={"asked": _("filters"), "columns": _("columns")},
        says={"asked": ways.rules, "columns": ways.columns},
        kept=("columns",),
    )
    add_kind("note", _("Note"), fields={"member": _("member")}, says={"member": ways.member})
    add_kind(
        "import",
        _("Import"),
        fields={
            "kind": _("kind"),
            "file": _("file"),
            "size": _("bytes"),
            "rows": _("rows"),
            "created": _("new"),
            "updated": _("brought up to date"),
            "unchanged": _("unchanged"),
            "rejected": _("rejected"),
        },
        says={"kind": ways.one_of(_kinds_of_import), "reason": ways.one_of(GIVEN_UP.items)},
        kept=("kind", "size", "rows", "created", "updated", "unchanged", "rejected", "reason"),
    )
    add_kind(
        "bulk",
        _("Done to many"),
        model=BulkAct,
        fields={
            "kind": _("what"),
            "asked": _("filters"),
            "total": _("members"),
            "tag": _("tag"),
            "tier": _("tier"),
            "act": _("what"),
            "changed": _("changed"),
            "unchanged": _("unchanged"),
            "refused": _("refused"),
            "undo_of": _("takes back"),
        },
        says={
            "asked": ways.rules,
            "tier": ways.tier,
            "act": ways.one_of(_acts),
            "undo_of": ways.nothing,
            "reason": ways.one_of(STOPPED.items),
        },
        kept=("kind", "total", "tier", "act", "changed", "unchanged", "refused", "undo_of"),
    )


def _what_staff_make() -> None:
    add_kind(
        "invitation",
        _("Invitation"),
        model=Invitation,
        fields={"kind": _("kind"), "tier": _("tier"), "inviter": _("invited by")},
    )
    add_kind("tier", _("Tier"), model=Tier, called=ways.tier)
    add_kind(
        "custom_field",
        _("Field of the community's own"),
        model=CustomField,
        fields={"order": _("order")},
        says={"order": ways.each(ways.custom_field)},
        called=ways.custom_field_by_id,
    )
    add_kind(
        "segment",
        _("Segment"),
        fields={"name": _("name"), "rules": _("filters")},
        says={"rules": ways.rules},
        called=ways.segment_by_id,
    )
    add_kind(
        "mail",
        _("Letter"),
        fields={"subject": _("Subject"), "body": _("Text"), "state": _("state")},
        says={"state": ways.one_of(lambda: Message.State.choices)},
        called=_letter,
    )


def _what_is_kept() -> None:
    add_kind(
        "address",
        _("E-mail address"),
        fields={"address": _("e-mail address"), "detail": _("what its server said")},
        kept=(),
    )
    add_kind("retention", _("Clean-up"))
    add_kind(
        "audit",
        _("Audit log"),
        fields={"asked": _("filters"), "entries": _("entries")},
        says={"asked": ways.by_name(_ASKED, _SAID)},
        kept=("entries",),
    )
    add_kind(
        "privacy",
        _("Privacy"),
        fields={
            "after_leaving": _("months after the end of a membership"),
            "after_rejection": _("months after an application was rejected or withdrawn"),
            "audit_values": _("months for names and values in the audit log"),
            "letters": _("days for letters in the log"),
            "contact": _("whom to ask"),
            "words": _("in your own words"),
            "members": _("members"),
            "applications": _("applications"),
            "entries": _("entries"),
            "kind": _("kind"),
        },
    )


def _kinds_of_import() -> Iterable[tuple[str, Words]]:
    return [(kind.key, kind.title) for kind in imports.kinds]


def _acts() -> Iterable[tuple[str, Words]]:
    return [(act.key, act.label) for act in acts]


def _letter(value: Any, known: Known) -> str:
    """For "<kind> <language>", as the words of letters are kept; of a single letter nothing is said."""
    key, _space, code = value.partition(" ")
    if key not in mails.kinds or not code:
        return ""
    return words.listed([mails.get(key).label, get_language_info(code)["name_local"]])


def _asked_act(value: Any, known: Known) -> str:
    group = value.removesuffix(".")
    return str(audit_words.kind_of(group).label) if group != value else audit_words.label_of(value)


def _asked_actor(value: Any, known: Known) -> str:
    return f"#{value}" if value.isdigit() else str(_("Programs and the site"))


_ASKED: dict[str, Words] = {
    "q": _("Search"),
    "act": _("What was done"),
    "actor": _("By whom"),
    "member": _("About whom"),
    "since": _("From day"),
    "until": _("Until day"),
}
_SAID = {"act": _asked_act, "actor": _asked_actor, "since": ways.day, "until": ways.day}
_SITE: tuple[tuple[str, Words], ...] = (
    ("Clean-up", _("Clean-up")),
    ("Erasure", _("Erasure")),
    ("Mail delivery", _("Mail delivery")),
    ("The end of a pause", _("The end of a pause")),
    ("import_csv", _("A command at the console")),
)
_ACTIONS: tuple[tuple[str, Words], ...] = (
    ("member.added", _("Added a member")),
    ("member.changed", _("Changed a member")),
    ("member.role_changed", _("Gave another role")),
    ("member.tier_changed", _("Put into another tier")),
    ("member.inviter_changed", _("Corrected who invited")),
    ("member.merged", _("Merged two records")),
    ("member.merge_undone", _("Undid a merge")),
    ("member.kept_apart", _("Said that two are two people")),
    ("member.merge_proposed", _("Asked two whether they are one person")),
    ("member.merge_agreed", _("Said yes to being one person")),
    ("member.merge_declined", _("Said no to being one person")),
    ("member.merge_withdrawn", _("Took the question back")),
    ("member.erased", _("Erased a member")),
    ("member.erasure_asked", _("Asked to be erased")),
    ("member.erasure_withdrawn", _("Withdrew the wish to be erased")),
    ("members.exported", _("Exported members")),
    ("import.begun", _("Began an import")),
    ("import.finished", _("Finished an import")),
    ("import.failed", _("An import failed")),
    ("audit.exported", _("Exported the audit log")),
    ("privacy.changed", _("Changed how long data is kept")),
    ("retention.listed", _("Exported what a clean-up would remove")),
    ("retention.done", _("Removed what had been kept long enough")),
    ("invitation.created", _("Made a link")),
    ("invitation.revoked", _("Took an invitation back")),
    ("invitation.sent", _("Sent an invitation")),
    ("tier.created", _("Made a tier")),
    ("tier.changed", _("Changed a tier")),
    ("tier.deleted", _("Deleted a tier")),
    ("segment.created", _("Saved a segment")),
    ("segment.changed", _("Changed a segment")),
    ("segment.deleted", _("Deleted a segment")),
    ("note.written", _("Wrote a note on a member")),
    ("note.changed", _("Changed a note")),
    ("note.deleted", _("Deleted a note")),
    ("custom_field.created", _("Made a field of the community's own")),
    ("custom_field.changed", _("Changed a field of the community's own")),
    ("custom_field.deleted", _("Deleted a field of the community's own")),
    ("bulk.begun", _("Began to change many members")),
    ("bulk.finished", _("Changed many members")),
    ("bulk.failed", _("Changing many members was stopped")),
    ("mail.address_suppressed", _("Stopped writing to an address")),
    ("mail.address_lifted", _("Began to write to an address again")),
    ("mail.words_changed", _("The words of a letter were changed")),
    ("mail.words_reset", _("A letter went back to its usual words")),
    ("mail.sent_again", _("A letter was sent again")),
)
