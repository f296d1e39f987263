"""Taking a file of invitations: who sent one when, by which channel, and who came by it.

A row is identified by its id, or, without one, by all its values. What was sent stands: the same id with another
inviter, time or channel is rejected. Who came by it may become known later; then the row is an update. The members
themselves, and who invited them, come with a members file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.utils.translation import gettext_lazy as _

from kernel import activity, cells, imports
from kernel.cells import AHEAD
from kernel.imports import CREATED, UNCHANGED, UPDATED, Column, Job, Load, Rejected, Row, Verdict
from members.models import Invitation, InvitationUse, Membership
from members.services import invitation_mail

COLUMNS = (
    Column(
        "inviter", _("The id of the member who invited, or #12 for the one with that number"), needed=True
    ),
    Column("sent_at", _("When it was sent"), needed=True),
    Column("channel", _("How: email, wechat, flyer, ...")),
    Column("accepted_by", _("The id of the member who joined by it")),
    Column("id", _("The invitation's own id; without it the whole row is its identity")),
)
#: What a file calls by this does not fit an id that this site gives itself.
_BY_ID, _BY_ROW = "id:", "row:"

imports.reasons.update(
    {
        "known_otherwise": _(
            "The invitation “%(value)s” is here already, and says otherwise in this column."
        ),
        "no_member": _("There is no member “%(value)s” in this community."),
        "came_by_another": _("The member “%(value)s” came by another invitation already."),
        "channel": _("“%(value)s” is no channel: letters, digits, hyphens and underscores are expected."),
    }
)


@dataclass(frozen=True)
class Entry:
    """A checked row."""

    inviter: Membership
    sent_at: datetime
    channel: str
    accepted_by: Membership | None
    identity: str


class InvitationLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.zone = job.community.zone
        self.community_id = job.community.id

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        people = self._people(rows)
        verdicts: list[Verdict | None] = []
        entries: list[tuple[int, Entry]] = []
        for place, row in enumerate(rows):
            try:
                entries.append((place, self._entry(row, people)))
                verdicts.append(None)
            except Rejected as rejected:
                verdicts.append(Verdict.of(rejected))
        known = self._known([entry.identity for _place, entry in entries])
        came = self._came([entry.accepted_by.pk for _place, entry in entries if entry.accepted_by])
        new: list[Invitation] = []
        uses: list[tuple[Invitation, Membership]] = []
        for place, entry in entries:
            try:
                verdicts[place] = self._settle(entry, known, came, new, uses)
            except Rejected as rejected:
                verdicts[place] = Verdict.of(rejected)
        self._write(new, uses)
        return [verdict for verdict in verdicts if verdict is not None]

    def _settle(
        self,
        entry: Entry,
        known: dict[str, Invitation],
        came: dict[int, str],
        new: list[Invitation],
        uses: list[tuple[Invitation, Membership]],
    ) -> Verdict:
        accepted = entry.accepted_by
        if accepted is not None and came.get(accepted.pk, entry.identity) != entry.identity:
            raise Rejected("came_by_another", column="accepted_by", value=_named(accepted))
        here = known.get(entry.identity)
        if here is None:
            here = known[entry.identity] = self._new(entry)
            new.append(here)
            verdict = CREATED
        else:
            _guard_same(here, entry)
            verdict = UNCHANGED
        if accepted is not None and accepted.pk not in came:
            if here.used:
                raise Rejected(
                    "known_otherwise", column="accepted_by", value=entry.identity.partition(":")[2]
                )
            here.used = 1
            came[accepted.pk] = entry.identity
            uses.append((here, accepted))
            verdict = UPDATED if verdict is UNCHANGED else verdict
        return verdict

    def _write(self, new: list[Invitation], uses: list[tuple[Invitation, Membership]]) -> None:
        Invitation.objects.bulk_create(new, batch_size=1000)
        fresh = {one.pk for one in new}
        InvitationUse.objects.bulk_create(
            InvitationUse(invitation=one, membership=member, at=member.joined_at) for one, member in uses
        )
        Invitation.objects.bulk_update([one for one, _member in uses if one.pk not in fresh], ["used"])
        activity.publish(*(invitation_mail.fact(one, one.inviter) for one in new if one.inviter))

    def _new(self, entry: Entry) -> Invitation:
        return Invitation(
            community_id=self.community_id,
            kind=Invitation.Kind.FILE,
            code=None,
            inviter=entry.inviter,
            channel=entry.channel,
            external_id=entry.identity,
            created_at=self.job.at,
            sent_at=entry.sent_at,
        )

    def _entry(self, row: Row, people: dict[str, Membership]) -> Entry:
        if row.problem:
            raise row.problem
        get = row.cells.get
        for name in ("inviter", "sent_at"):
            if not get(name):
                raise Rejected("needed", column=name)
        inviter = _member(people, row.cells["inviter"], "inviter")
        text = get("accepted_by") or ""
        accepted = _member(people, text, "accepted_by") if text else None
        if accepted is not None and accepted.pk == inviter.pk:
            raise Rejected("own_inviter", column="accepted_by")
        sent_at = cells.instant(
            row.cells["sent_at"], zone=self.zone, latest=self.job.at + AHEAD, column="sent_at"
        )
        channel = cells.short((get("channel") or "").lower(), most=40, column="channel")
        if channel and not channel.replace("-", "").replace("_", "").isalnum():
            raise Rejected("channel", column="channel", value=cells.shown(channel))
        own = get("id") or ""
        if own:
            identity = _BY_ID + cells.short(own, most=110, column="id")
        else:
            values = (
                f"{inviter.number}\t{sent_at.isoformat()}\t{channel}\t{accepted.number if accepted else ''}"
            )
            identity = _BY_ROW + blake2b(values.encode(), digest_size=16).hexdigest()
        return Entry(inviter, sent_at, channel, accepted, identity)

    def _people(self, rows: Sequence[Row]) -> dict[str, Membership]:
        """The members that the rows name, by their own ids and as #number."""
        named = {text for row in rows for name in ("inviter", "accepted_by") if (text := row.cells.get(name))}
        numbers = [int(text[1:]) for text in named if _is_number(text)]
        members = Membership.objects.records_of(self.community_id)
        found = {f"#{one.number}": one for one in members.filter(number__in=numbers)}
        own = members.filter(external_id__in=[text for text in named if len(text) <= 120])
        return found | {str(one.external_id): one for one in own}

    def _known(self, identities: list[str]) -> dict[str, Invitation]:
        rows = Invitation.objects.of(self.community_id).filter(external_id__in=identities)
        return {str(one.external_id): one for one in rows.select_related("inviter")}

    def _came(self, members: list[int]) -> dict[int, str]:
        """By which invitation each of them came, as files name it; those of this site have an empty name."""
        rows = InvitationUse.objects.filter(membership__in=members)
        return {pk: name or "" for pk, name in rows.values_list("membership_id", "invitation__external_id")}


def _member(people: dict[str, Membership], text: str, column: str) -> Membership:
    member = people.get(text)
    if member is None:
        raise Rejected("no_member", column=column, value=cells.shown(text))
    return member


def _is_number(text: str) -> bool:
    return text.startswith("#") and text[1:].isascii() and text[1:].isdigit() and len(text) <= 10


def _guard_same(here: Invitation, entry: Entry) -> None:
    said = {
        "inviter": (here.inviter_id, entry.inviter.pk),
        "sent_at": (here.sent_at, entry.sent_at),
        "channel": (here.channel, entry.channel),
    }
    for column, (before, after) in said.items():
        if before != after:
            raise Rejected("known_otherwise", column=column, value=entry.identity.partition(":")[2])


def _named(member: Membership) -> str:
    return member.external_id or f"#{member.number}"
