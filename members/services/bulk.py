"""One thing done to many members: asked for, carried out piece by piece, taken back.

An act is a row before it is a job: what a broker or a worker loses, `sweep` finds. The members of a piece, the counts
and the place where the next one begins change in one transaction, so that an act that was cut off goes on exactly
there, and two workers on one act cannot both do a piece.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import tasks
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import BulkAct, BulkPart, Membership, Tier
from members.models.membership import MembershipQuerySet
from members.roles import Role
from members.services import audit, bans, bulk_changes, powers
from members.services.bulk_changes import Outcome
from members.statuses import acts

State, Kind = BulkAct.State, BulkAct.Kind
#: Members of one piece; acts upon memberships go one by one and hold the owners' rows meanwhile.
CHUNK = {Kind.TAG: 2000, Kind.UNTAG: 2000, Kind.TIER: 2000, Kind.STATUS: 50}
MOST_MEMBERS = 500_000
STALE = timedelta(minutes=2)
ATTEMPTS = 5
#: What a tag cannot hold: in forms they part one tag from the next.
MARKS = ",，、;；"


@transaction.atomic
def begin(
    *,
    community: Community,
    kind: str,
    options: Mapping[str, Any],
    members: MembershipQuerySet,
    asked: Any,
    at: datetime,
    by: Actor,
) -> BulkAct:
    """Have a worker do this to the members, who are fixed here. `asked` is how they were found, for the log.

    `options` are `tag`; `tier` (a key) and perhaps `reason`; or `act` (of `members.statuses`) and perhaps `reason`.
    Raises `Refused` for options that do not fit, for nobody, and for who may not do it to one.
    """
    given = _options(community, kind, options)
    powers.require(by, permission(kind, given))
    ids = list(members.filter(erased_at=None).order_by("pk").values_list("pk", flat=True)[: MOST_MEMBERS + 1])
    if not ids:
        raise Refused(_("Nobody fits: there is nothing to do."), code="nobody")
    if len(ids) > MOST_MEMBERS:
        raise Refused(_("At most %(most)d members at once.") % {"most": MOST_MEMBERS}, code="too_many")
    return _begin(community.id, kind, given, ids, at=at, by=by, after={"asked": asked})


@transaction.atomic
def undo(*, act: BulkAct, at: datetime, by: Actor) -> BulkAct:
    """Have a worker take a tag or tier act back: from exactly those it changed and whom nobody changed since.

    Raises `Refused` for an act that is not over, that cannot be undone, or was undone, and for who may not do it.
    """
    powers.require(by, permission(act.kind, act.options))
    act = locked(BulkAct.objects.light().filter(pk=act.pk)).get()
    if not can_be_undone(act):
        raise Refused(_("This cannot be undone."), code="not_now")
    if BulkAct.objects.filter(undo_of=act).exists():
        raise Refused(_("This is undone already."), code="not_now")
    ids = sorted(_pk(changed) for part in act.parts.all() for changed in part.changed)
    kind = {Kind.TAG: Kind.UNTAG, Kind.UNTAG: Kind.TAG}.get(Kind(act.kind), Kind(act.kind))
    options = {key: value for key, value in act.options.items() if key == "tag"}
    after = {"undo_of": str(act.pk)}
    return _begin(act.community_id, kind, options, ids, at=at, by=by, after=after, undo_of=act)


def can_be_undone(act: BulkAct) -> bool:
    """Whether it is over, changed somebody, and left behind what it found there."""
    return bool(act.is_over and act.changed and act.kind != Kind.STATUS and act.undo_of_id is None)


def permission(kind: str, options: Mapping[str, Any]) -> str:
    """What an actor needs for such an act."""
    return acts.get(options["act"]).permission if kind == Kind.STATUS else "members.change"


def carry_out(*, bulk_id: UUID, now: Callable[[], datetime], budget: timedelta | None = None) -> BulkAct:
    """Go on from where the act stands, to the end or until `budget` is used up; the act as it is then.

    Doing an act that is over, or that another worker has in hand, changes nothing.
    """
    until = now() + budget if budget is not None else None
    _count_attempt(bulk_id, at=now())
    while _piece(bulk_id, at=now()):
        if until is not None and now() > until:
            _enqueue(bulk_id)
            break
    return BulkAct.objects.light().get(pk=bulk_id)


def sweep(*, at: datetime) -> int:
    """Enqueue again what a broker or a worker has lost; how many acts that were."""
    lost = list(BulkAct.objects.unfinished().filter(touched_at__lt=at - STALE).values_list("pk", flat=True))
    BulkAct.objects.filter(pk__in=lost).update(touched_at=at)
    for bulk_id in lost:
        _enqueue(bulk_id)
    return len(lost)


def _options(community: Community, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    if kind not in Kind.values:
        raise Refused(_("Choose what to do."), code="unknown", field="kind")
    reason = str(options.get("reason") or "").strip()[:240]
    if kind in (Kind.TAG, Kind.UNTAG):
        tag = str(options.get("tag") or "").strip()
        if not 1 <= len(tag) <= 80 or any(mark in tag for mark in MARKS):
            raise Refused(
                _("A tag has 1 to 80 characters and no comma or semicolon."), code="tag", field="tag"
            )
        return {"tag": tag}
    if kind == Kind.TIER:
        if not Tier.objects.of(community.id).filter(key=str(options.get("tier") or "")).exists():
            raise Refused(_("There is no tier of this key."), code="unknown", field="tier")
        return {"tier": options["tier"], "reason": reason}
    key = str(options.get("act") or "")
    if key not in acts or not acts.get(key).permission:
        raise Refused(_("Choose what to do."), code="unknown", field="act")
    if acts.get(key).needs_reason and not reason:
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    return {"act": key, "reason": reason}


def _begin(
    community_id: int,
    kind: str,
    options: dict[str, Any],
    ids: list[int],
    *,
    at: datetime,
    by: Actor,
    after: dict[str, Any],
    undo_of: BulkAct | None = None,
) -> BulkAct:
    act = BulkAct.objects.create(
        community_id=community_id,
        kind=kind,
        options=options,
        members=ids,
        total=len(ids),
        undo_of=undo_of,
        by=by.user,
        by_words=by.words[:120],
        address=by.address,
        created_at=at,
        touched_at=at,
    )
    _record("bulk.begun", act, at=at, by=by, after=after | {"kind": kind, "total": len(ids)} | options)
    _enqueue(act.pk)
    return act


def _enqueue(bulk_id: UUID) -> None:
    tasks.send("members.run_bulk", bulk_id=str(bulk_id))


def _count_attempt(bulk_id: UUID, *, at: datetime) -> None:
    """An act whose pieces never get done is given up."""
    with transaction.atomic():
        act = _hold(bulk_id)
        if act is None or act.is_over:
            return
        if act.attempts >= ATTEMPTS:
            _finish(act, State.FAILED, "attempts", at=at)
            return
        act.attempts += 1
        act.state, act.started_at, act.touched_at = State.RUNNING, act.started_at or at, at
        act.save(update_fields=["attempts", "state", "started_at", "touched_at"])


def _hold(bulk_id: UUID) -> BulkAct | None:
    """The act, unless another worker has it in hand."""
    rows = BulkAct.objects.light().filter(pk=bulk_id).select_for_update(of=("self",), skip_locked=True)
    return rows.first()


@transaction.atomic
def _piece(bulk_id: UUID, *, at: datetime) -> bool:
    """Do the next piece; whether there may be another."""
    act = _hold(bulk_id)
    if act is None or act.is_over:
        return False
    start, end = act.done, min(act.done + CHUNK[Kind(act.kind)], act.total)
    ids: list[int] = BulkAct.objects.values_list(f"members__{start}_{end}", flat=True).get(pk=act.pk)
    try:
        by = _actor(act)
        here = _lock(act, ids, by)
    except Refused as refusal:
        _finish(act, State.FAILED, refusal.code, at=at)
        return False
    done = _undo(act, here, by, at) if act.undo_of_id else _do(act, here, by, at)
    gone = sorted(set(ids) - set(here))
    done.refused += [(pk, "gone", "") for pk in gone]
    act.done = end
    act.changed += len(done.changed)
    act.refused += len(done.refused)
    act.unchanged = act.done - act.changed - act.refused
    act.touched_at, act.attempts = at, 0
    act.save(update_fields=["done", "changed", "refused", "unchanged", "touched_at", "attempts"])
    BulkPart.objects.create(act=act, start=start, changed=done.changed, refused=done.refused, mark=done.mark)
    if act.done == act.total:
        _finish(act, State.DONE, "", at=at)
        return False
    return True


def _actor(act: BulkAct) -> Actor:
    """Who asked for it, with the membership they have now. Raises `Refused` when they have none any more."""
    membership = None
    if act.by_id is not None:
        membership = Membership.objects.of(act.community_id).filter(user_id=act.by_id).first()
        if membership is None:
            raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")
    return Actor(words=act.by_words, user=act.by, membership=membership, address=act.address)


def _lock(act: BulkAct, ids: list[int], by: Actor) -> dict[int, int]:
    """Hold the rows of the piece and of who acts, in one order for everybody; number by id of those who are here.

    Raises `Refused` when the actor may not do it any more.
    """
    wanted = Q(pk__in=ids)
    if act.kind == Kind.STATUS and acts.get(act.options["act"]).of_person:
        # Before any row, as whoever joins does.
        bans.keep_out(act.community_id)
    if by.membership is not None:
        wanted |= Q(pk=by.membership.pk)
    if act.kind == Kind.STATUS:
        wanted |= Q(role=Role.OWNER)
    rows = locked(Membership.objects.of(act.community_id).filter(wanted).order_by("pk"))
    found = {
        pk: (number, erased_at) for pk, number, erased_at in rows.values_list("pk", "number", "erased_at")
    }
    if by.membership is not None:
        acting = Membership.objects.filter(pk=by.membership.pk).first() if by.membership.pk in found else None
        powers.guard(acting, permission(act.kind, act.options))
    return {pk: found[pk][0] for pk in ids if pk in found and found[pk][1] is None}


def _do(act: BulkAct, here: dict[int, int], by: Actor, at: datetime) -> Outcome:
    options, ids = act.options, list(here)
    if act.kind == Kind.STATUS:
        return bulk_changes.status(
            act=options["act"], members=ids, at=at, by=by, reason=options["reason"], until=None
        )
    if act.kind == Kind.TIER:
        tier = Tier.objects.of(act.community_id).filter(key=options["tier"]).first()
        if tier is None:
            return Outcome(refused=[(pk, "no_tier", "") for pk in ids])
        return bulk_changes.tier(
            community_id=act.community_id, members=ids, tier=tier, at=at, by=by, reason=options["reason"]
        )
    give = act.kind == Kind.TAG
    return bulk_changes.tag(
        community_id=act.community_id, members=ids, tag=options["tag"], give=give, at=at, by=by
    )


def _undo(act: BulkAct, here: dict[int, int], by: Actor, at: datetime) -> Outcome:
    """Take back what the first act did to these, but for those whom somebody changed since."""
    marks: dict[int, int] = {}
    former: dict[int, int | None] = {}
    first, last = min(here, default=0), max(here, default=0)
    for found, mark in BulkPart.objects.filter(act_id=act.undo_of_id).values_list("changed", "mark"):
        # In the order of their ids, as those of this piece are.
        if not found or _pk(found[-1]) < first or _pk(found[0]) > last:
            continue
        for changed in found:
            if (pk := _pk(changed)) in here:
                marks[pk] = mark
                former[pk] = changed[1] if isinstance(changed, list) else None
    if act.kind == Kind.TIER:
        later = bulk_changes.moved_since(marks=marks)
    else:
        numbers = {number: pk for pk, number in here.items()}
        later = bulk_changes.toggled_since(
            community_id=act.community_id,
            numbers=numbers,
            marks=marks,
            tag=act.options["tag"],
            since=BulkAct.objects.light().get(undo=act).created_at,
        )
    done = Outcome(refused=[(pk, "changed_since", "") for pk in sorted(later)])
    left = [pk for pk in here if pk not in later]
    if act.kind != Kind.TIER:
        done.add(_do(act, {pk: here[pk] for pk in left}, by, at))
        return done
    tiers = {tier.pk: tier for tier in Tier.objects.of(act.community_id)}
    for tier_id in sorted({former[pk] for pk in left}, key=lambda one: one or 0):
        members = [pk for pk in left if former[pk] == tier_id]
        if tier_id is not None and tier_id not in tiers:
            done.refused += [(pk, "no_tier", "") for pk in members]
            continue
        tier = tiers[tier_id] if tier_id is not None else None
        done.add(
            bulk_changes.tier(
                community_id=act.community_id, members=members, tier=tier, at=at, by=by, reason=""
            )
        )
    return done


def _pk(changed: Any) -> int:
    return int(changed[0] if isinstance(changed, list) else changed)


def _finish(act: BulkAct, state: str, failure: str, *, at: datetime) -> None:
    act.state, act.failure, act.finished_at, act.touched_at = state, failure, at, at
    act.save(update_fields=["state", "failure", "finished_at", "touched_at"])
    by = Actor(words=act.by_words, user=act.by, address=act.address)
    counts = {"changed": act.changed, "unchanged": act.unchanged, "refused": act.refused}
    action = "bulk.finished" if state == State.DONE else "bulk.failed"
    _record(action, act, at=at, by=by, after=counts | ({"reason": failure} if failure else {}))


def _record(action: str, act: BulkAct, *, at: datetime, by: Actor, after: dict[str, Any]) -> None:
    audit.record(
        action=action,
        object_kind="bulk",
        object_id=act.pk,
        by=by,
        at=at,
        community_id=act.community_id,
        after=after,
    )
