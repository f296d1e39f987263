"""How the audit log speaks: each act that is written down, each kind of thing it is done to, and their fields.

Apps add theirs in `AppConfig.ready()`; a contract test reads the code for acts that nobody put into words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.registry import Registry
from members.models import Membership, Tier
from members.statuses import acts

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """A kind of thing acts are done to: `fields` are the labels of its values.

    `kept` are the fields that say nothing about anybody and stay when values are emptied; None for all.
    """

    key: str
    label: Words
    fields: Mapping[str, Words] = field(default_factory=dict)
    kept: frozenset[str] | None = None

    def keeps(self, name: str) -> bool:
        return self.kept is None or name in self.kept

    def name(self, name: str) -> str:
        """The field's label; a field that has none is called by its key, in words."""
        return str(self.fields.get(name) or name.replace("_", " "))


#: `actions.add("member.added", _("A member was added"))`
actions: Registry[Words] = Registry("act of the audit log")
kinds: Registry[Kind] = Registry("kind of the audit log")


def add_kind(
    key: str, label: Words, *, fields: Mapping[str, Words] | None = None, kept: tuple[str, ...] | None = None
) -> None:
    kinds.add(key, Kind(key, label, fields or {}, None if kept is None else frozenset(kept)))


def kind_of(key: str) -> Kind:
    """The kind with that key. Of one that nobody described, nothing is kept when values are emptied."""
    return kinds.get(key) if key in kinds else Kind(key, key.replace("_", " "), kept=frozenset())


def label_of(action: str) -> str:
    return str(actions.get(action)) if action in actions else action


def register() -> None:
    for act in acts:
        actions.add(f"member.{act.key}", act.label)
    for key, label in (
        ("member.added", _("Added a member")),
        ("member.changed", _("Changed a member")),
        ("member.role_changed", _("Gave another role")),
        ("member.tier_changed", _("Put into another tier")),
        ("member.inviter_changed", _("Corrected who invited")),
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
    ):
        actions.add(key, label)
    fields = {found.name: found.verbose_name for found in Membership._meta.concrete_fields}
    reason = {"reason": _("reason")}
    add_kind(
        "member",
        _("Member"),
        fields={
            **fields,
            **reason,
            "inviter": _("invited by"),
            "import": _("import"),
            "external_id": _("own id"),
        },
        kept=("status", "role", "tier", "joined_at", "left_at", "import", "inviter"),
    )
    add_kind(
        "members",
        _("Members"),
        fields={"asked": _("filters"), "columns": _("columns")},
        kept=("columns",),
    )
    add_kind(
        "import",
        _("Import"),
        fields={
            **reason,
            "kind": _("kind"),
            "file": _("file"),
            "size": _("bytes"),
            "rows": _("rows"),
            "created": _("new"),
            "updated": _("brought up to date"),
            "unchanged": _("unchanged"),
            "rejected": _("rejected"),
        },
        kept=("kind", "size", "rows", "created", "updated", "unchanged", "rejected", "reason"),
    )
    add_kind(
        "invitation",
        _("Invitation"),
        fields={
            "kind": _("kind"),
            "channel": _("channel"),
            "campaign": _("campaign"),
            "tier": _("tier"),
            "limit": _("how many may join by it"),
            "expires_at": _("works until"),
            "inviter": _("invited by"),
        },
    )
    tiers = {found.name: found.verbose_name for found in Tier._meta.concrete_fields}
    add_kind("tier", _("Tier"), fields=tiers)
    add_kind(
        "bulk",
        _("Done to many"),
        fields={
            **reason,
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
        kept=("kind", "total", "tier", "act", "changed", "unchanged", "refused", "undo_of"),
    )
    add_kind("note", _("Note"), fields={"member": _("member")})
    add_kind("custom_field", _("Field of the community's own"))
    add_kind("segment", _("Segment"), fields={"name": _("name"), "rules": _("filters")})
    add_kind("address", _("E-mail address"), fields={"address": _("e-mail address")}, kept=())
    add_kind("retention", _("Clean-up"))
    add_kind(
        "audit", _("Audit log"), fields={"asked": _("filters"), "entries": _("entries")}, kept=("entries",)
    )
    add_kind(
        "privacy",
        _("Privacy"),
        fields={
            "after_leaving": _("months after the end of a membership"),
            "after_rejection": _("months after an application was rejected or withdrawn"),
            "audit_values": _("months for names and values in the audit log"),
            "contact": _("whom to ask"),
            "words": _("in your own words"),
            "members": _("members"),
            "applications": _("applications"),
            "entries": _("entries"),
            "kind": _("kind"),
        },
    )
