"""Making one member of two records of a person, and undoing it.

Nothing that happened is written anew: facts go on naming the number they were written with, and whoever reads them asks
for whom that number stands (`members.selectors.merged`). What belongs to a member now, as their notes and circles do,
goes over, and is remembered row by row. docs/adr/0012-two-records-of-one-person.md
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import activity, locks, merging
from kernel.errors import Refused
from kernel.locks import locked
from members import merge_fields
from members.actors import Actor
from members.models import ErasureRequest, Membership, Merge, MergeProposal, TwoPeople
from members.roles import ADMITTED, GONE, NOT_JOINED, Role, Status
from members.selectors import merged as records
from members.services import audit, capacity, erasures, memberships, powers
from members.statuses import HOLDING

#: How long a merge can be undone.
UNDO = timedelta(days=30)
PERMISSION = "members.merge"
#: What a merge must not lift by the way.
_DISCIPLINE = {Status.RESTRICTED.value, Status.REMOVED.value, Status.BANNED.value}
_INVITEES, _INVITER = "members.invitees", "members.inviter"


@transaction.atomic
def merge(
    *, kept: Membership, merged: Membership, at: datetime, by: Actor, choices: Mapping[str, str] | None = None
) -> Merge:
    """Let the record `merged` stand for `kept` from now on. `choices` are by field (`merge_fields`): "kept" or "merged".

    For staff alone, of a record that nobody signs in to. Raises `Refused`: for two who both sign in (`both_sign_in`:
    they are asked, see `merge_proposals`), where the other is the one to keep (`keep_the_other`), for somebody who
    never joined (`not_joined`), who was or will be erased (`erased`, `erasing`), or was merged already (`merged`), where
    a restriction or ban would be lifted by the way (`discipline`), where what both have cannot be one person's
    (`hindered`), for the last owner, for a loop of inviters (`loop`), and for who may not merge any more.
    """
    kept, merged = _hold(kept, merged, by)
    if kept.user_id is not None and merged.user_id is not None:
        words = _("Both sign in: whether they are one person, both have to say.")
        raise Refused(words, code="both_sign_in")
    return carry_out(kept=kept, merged=merged, choices=choices or {}, at=at, by=by)


@transaction.atomic
def undo(*, merge: Merge, at: datetime, by: Actor) -> Merge:
    """Take the two apart again: everything is as it was, but for what was changed since.

    Raises `Refused` when it is undone already (`undone`), when its time is over (`too_late`), when either was erased
    (`erased`) or something was merged on top of it (`later_first`), when the tier has no place left (`full`), when
    inviters would go round in a circle by now (`loop`), and for who may not merge any more.
    """
    kept, merged = _hold(merge.kept, merge.merged, by, of=merge)
    merge = locked(Merge.objects.filter(pk=merge.pk)).get()
    _guard_undo(merge, kept, merged, at)
    if merged.status in HOLDING:
        capacity.take(tier_id=merged.tier_id)
    merged.merged_into = None
    try:
        with transaction.atomic():
            _take_apart(merge, kept, merged)
    except IntegrityError as error:
        raise _loop(error, kept, merged) from None
    for part in merging.parts:
        if part.key in merge.moved:
            part.restore(merged.pk, kept.pk, merge.moved[part.key])
    merge.undone_at = at
    merge.save(update_fields=["undone_at"])
    _tell("member.merge_undone", kept, merged, merge, at=at, by=by)
    return merge


@transaction.atomic
def keep_apart(*, one: Membership, other: Membership, at: datetime, by: Actor) -> None:
    """Note that these are two people, so that nobody is asked again. Raises `Refused` for who may not merge."""
    powers.require(by, PERMISSION)
    if one.community_id != other.community_id or one.pk == other.pk:
        raise ValueError("Two members of one community.")
    if note_apart(one, other, at=at):
        _record("member.kept_apart", one, at=at, by=by, after={"other": other.number})


def note_apart(one: Membership, other: Membership, *, at: datetime) -> bool:
    """Keep that these are two people; whether it was not known."""
    first, second = sorted([one.pk, other.pk])
    _kept, new = TwoPeople.objects.get_or_create(
        first_id=first, second_id=second, defaults={"community_id": one.community_id, "at": at}
    )
    return new


def carry_out(
    *, kept: Membership, merged: Membership, choices: Mapping[str, str], at: datetime, by: Actor
) -> Merge:
    """The merge itself, of two records that the transaction holds; raises as `merge` does."""
    guard(kept, merged)
    values = merge_fields.result(kept, merged, choices)
    changed = {name: value for name, value in values.items() if getattr(kept, name) != value}
    made = Merge(
        community_id=kept.community_id,
        kept=kept,
        merged=merged,
        before={name: merge_fields.written(getattr(kept, name)) for name in changed},
        after={name: merge_fields.written(value) for name, value in changed.items()},
        kept_joined_at=kept.joined_at,
        at=at,
        by=by.membership,
        by_words=by.words[:120],
        undo_until=at + UNDO,
    )
    invitees = list(
        Membership.objects.filter(invited_by=merged).exclude(pk=kept.pk).values_list("pk", flat=True)
    )
    moved: dict[str, Any] = {_INVITEES: invitees, _INVITER: merged.invited_by_id}
    merged.merged_into, merged.invited_by = kept, None
    try:
        with transaction.atomic():
            merged.save(update_fields=["merged_into", "invited_by"])
            _write(kept, changed)
            Membership.objects.filter(pk__in=invitees).update(invited_by=kept)
    except IntegrityError as error:
        raise _loop(error, kept, merged) from None
    for part in merging.parts:
        moved[part.key] = part.move(merged.pk, kept.pk)
    made.moved = moved
    made.save()
    _end_proposals(kept, merged, at=at)
    _tell("member.merged", kept, merged, made, at=at, by=by)
    return made


def guard(kept: Membership, merged: Membership) -> None:
    """Raises `Refused` for two of whom one cannot become the other as they are now."""
    for record in (kept, merged):
        if record.erased_at is not None:
            raise Refused(_("A member who was erased is nobody any more."), code="erased")
        # A guest's record is nobody's joining: it is put to whom it belongs, and never the other way round.
        visited = record is merged and record.status == Status.GUEST
        if record.status in NOT_JOINED and record.left_at is None and not visited:
            words = _("%(name)s has not joined yet: decide on that first.")
            raise Refused(words % {"name": record}, code="not_joined")
        if ErasureRequest.objects.filter(membership=record, state=ErasureRequest.State.WAITING).exists():
            raise Refused(_("%(name)s has asked to be erased.") % {"name": record}, code="erasing")
    if merged.user_id is not None and kept.user_id is None:
        raise Refused(_("Keep the one who signs in."), code="keep_the_other")
    if merged.status in _DISCIPLINE and kept.status != merged.status:
        words = _("%(name)s is “%(status)s”: merging would lift that. Decide on it first.")
        raise Refused(words % {"name": merged, "status": merged.get_status_display()}, code="discipline")
    if merged.status in ADMITTED and kept.status not in ADMITTED:
        words = _("%(name)s is no member now: keep the other record.")
        raise Refused(words % {"name": kept}, code="keep_the_other")
    for hindrance in merging.hindrances:
        if (why := hindrance(kept.pk, merged.pk)) is not None:
            raise Refused(why, code="hindered")


def hold_both(
    kept: Membership, merged: Membership, *, of: Merge | None = None
) -> tuple[Membership, Membership]:
    """Both records as they are from now until the end of the transaction; raises `Refused` (`merged`) for one that was
    merged already. `of`: the merge that they are held to be taken apart from."""
    kept, merged, _acting = _locked(kept, merged, None, of)
    return kept, merged


def _hold(
    kept: Membership, merged: Membership, by: Actor, *, of: Merge | None = None
) -> tuple[Membership, Membership]:
    if kept.community_id != merged.community_id:
        raise ValueError("Records of two communities.")
    if kept.pk == merged.pk:
        raise Refused(_("These are one record already."), code="same")
    kept, merged, acting = _locked(kept, merged, by.membership, of)
    if by.membership is not None:
        powers.guard(acting or by.membership, PERMISSION)
        powers.guard_owner(merged, acting)
    return kept, merged


def _locked(
    kept: Membership, merged: Membership, acting: Membership | None, of: Merge | None
) -> tuple[Membership, Membership, Membership | None]:
    """Locks in one order for all: no file and no erasure meanwhile, no other inviters, then the rows by key."""
    erasures.hold(community_id=kept.community_id)
    locks.advisory(name="inviters", key=kept.community_id)
    wanted = {kept.pk, merged.pk} | ({acting.pk} if acting else set())
    brought = Membership.objects.filter(invited_by=merged.pk).values_list("pk", flat=True)
    wanted |= set(of.moved.get(_INVITEES, ()) if of else brought)
    rows = Membership.objects.records_of(kept.community_id)
    if merged.role == Role.OWNER:
        wanted |= set(rows.filter(role=Role.OWNER).values_list("pk", flat=True))
    found = {row.pk: row for row in locked(rows.filter(pk__in=wanted).order_by("pk"))}
    kept, merged = found[kept.pk], found[merged.pk]
    expected = kept.pk if of else None
    if merged.merged_into_id != expected or kept.merged_into_id is not None:
        if of is not None:
            words = _("Something was merged or undone since: look again.")
            raise Refused(words, code="undone" if merged.merged_into_id is None else "later_first")
        raise Refused(_("One of the two has been merged already."), code="merged")
    if of is None and merged.status not in GONE:
        owners = [row for row in found.values() if row.role == Role.OWNER]
        powers.guard_last_owner(merged, owners)
    return kept, merged, found.get(acting.pk) if acting else None


def _guard_undo(merge: Merge, kept: Membership, merged: Membership, at: datetime) -> None:
    if merge.undone_at is not None:
        raise Refused(_("This has been undone already."), code="undone")
    if kept.erased_at is not None or merged.erased_at is not None or merge.undo_until is None:
        raise Refused(_("One of the two was erased: there is nothing to take apart."), code="erased")
    if merge.undo_until <= at:
        raise Refused(_("The time in which this could be undone is over."), code="too_late")
    later = Merge.objects.filter(kept=kept).standing().order_by("-at", "-id").first()
    if later is not None and later.pk != merge.pk:
        words = _("#%(number)s was merged into them later: undo that first.")
        raise Refused(words % {"number": later.merged.number}, code="later_first")


def _take_apart(merge: Merge, kept: Membership, merged: Membership) -> None:
    inviter = Membership.objects.filter(pk=merge.moved.get(_INVITER)).first()
    merged.invited_by = records.stands_for(inviter) if inviter else None
    merged.save(update_fields=["merged_into", "invited_by"])
    invitees = Membership.objects.filter(pk__in=merge.moved.get(_INVITEES, ()), invited_by=kept)
    invitees.update(invited_by=merged)
    values = {}
    for name, after in merge.after.items():
        now = merge_fields.written(getattr(kept, name))
        back = merge_fields.put_back(name, now, before=merge.before[name], after=after)
        if back != now:
            values[name] = merge_fields.read(name, back)
    _write(kept, values)


def _write(kept: Membership, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(kept, name, value)
    memberships.save(kept, [name.removesuffix("_id") for name in values])


def _loop(error: IntegrityError, kept: Membership, merged: Membership) -> Exception:
    if "loop of inviters" not in str(error):
        return error
    words = _(
        "%(kept)s and %(merged)s stand above and below one another: inviters would go round in a circle."
    )
    words += " " + _("Correct who invited whom first, or choose the other inviter.")
    return Refused(words % {"kept": kept, "merged": merged}, code="loop", field="inviter")


def _end_proposals(kept: Membership, merged: Membership, *, at: datetime) -> None:
    """Nobody is asked about a record any more that stands for somebody else now."""
    waiting = MergeProposal.objects.filter(state=MergeProposal.State.WAITING)
    for field in ("kept", "merged"):
        waiting.filter(**{field: merged}).update(state=MergeProposal.State.WITHDRAWN, ended_at=at)


def _tell(
    action: str, kept: Membership, merged: Membership, merge: Merge, *, at: datetime, by: Actor
) -> None:
    told = ("tags", "interests", "name", "email", "city", "country")
    made = merge.undone_at is None
    before, after = (
        {name: values[name] for name in told if made and name in values}
        for values in (merge.before, merge.after)
    )
    which = {"merge": str(merge.pk)}
    _record(action, merged, at=at, by=by, after={"into": kept.number} | which)
    _record(action, kept, at=at, by=by, before=before, after={"other": merged.number, **after} | which)
    name = "membership.merged" if made else "membership.unmerged"
    activity.announce(name, merged=merged, kept=kept, at=at, by=by)
    activity.announce("membership.powers_changed", membership=merged, at=at, by=by)


def _record(action: str, membership: Membership, *, at: datetime, by: Actor, **values: Any) -> None:
    audit.record(
        action=action,
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        **values,
    )
