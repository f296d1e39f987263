"""What is done upon members and their words: written down with the reason that they read, told, and ended."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from communities.models import Case, Circle, Comment, Measure, Post
from communities.selectors import mentions
from kernel import activity
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, MembershipChange
from members.roles import ADMITTED, COUNTED, Status
from members.services import audit, powers

MODERATE = "posts.moderate"
Kind = Measure.Kind
#: The longest mute, in hours: a year. Who is to be silent for longer is restricted.
LONGEST_MUTE = 24 * 365
#: What a status that staff give is in the record.
OF_STATUS = {
    Status.RESTRICTED.value: Kind.RESTRICTED,
    Status.REMOVED.value: Kind.REMOVED,
    Status.BANNED.value: Kind.BANNED,
}


@transaction.atomic
def warn(*, membership: Membership, reason: str, at: datetime, by: Actor) -> Measure:
    """Warn a member in writing; it stays in their record. Raises `Refused` without a reason, for oneself (`own`), for who
    may not do it, and for an owner where one is none (`owners_only`)."""
    reason, membership = a_reason(reason), _held(membership, by)
    _record("member.warned", membership, at=at, by=by, reason=reason)
    return note(membership=membership, kind=Kind.WARNED, reason=reason, at=at, by=by)


@transaction.atomic
def mute(*, membership: Membership, hours: int, reason: str, at: datetime, by: Actor) -> Measure:
    """Let a member read everything and write nothing for so many hours, from now on: a mute that is running is replaced.
    It ends by itself. Raises `Refused` as `warn` does, and for a time that is none (`hours`)."""
    if not 1 <= hours <= LONGEST_MUTE:
        told = _("Say for how long: between one hour and a year.")
        raise Refused(told, code="hours", field="hours")
    reason, membership = a_reason(reason), _held(membership, by)
    running = Measure.objects.standing().filter(membership=membership, kind=Kind.MUTED)
    running.update(ended_at=at, ended_words=called(by))
    _record("member.muted", membership, at=at, by=by, reason=reason, hours=hours)
    until = at + timedelta(hours=hours)
    return note(membership=membership, kind=Kind.MUTED, reason=reason, at=at, by=by, until=until)


@transaction.atomic
def unmute(*, membership: Membership, at: datetime, by: Actor) -> None:
    """Let a member write again before their mute is over; for who is not muted nothing changes."""
    membership = _held(membership, by)
    if Measure.objects.mutes(membership, at).update(ended_at=at, ended_words=called(by)):
        _record("member.unmuted", membership, at=at, by=by)


def muted(membership: Membership, at: datetime) -> Measure | None:
    """The mute under which the member stands, the one that ends last; None for who may speak."""
    return Measure.objects.mutes(membership, at).first()


def guard_speaks(membership: Membership, at: datetime) -> None:
    """Raises `Refused` (`muted`) for who writes nothing for a time. Whatever members write asks this."""
    running = muted(membership, at)
    if running is not None:
        told = _(
            "You are muted for a time: you can read everything, and write again later. The reason: %(reason)s"
        )
        raise Refused(told % {"reason": running.reason}, code="muted")


def note(
    *,
    membership: Membership,
    kind: str,
    reason: str,
    at: datetime,
    by: Actor,
    written: Post | Comment | None = None,
    until: datetime | None = None,
    source: Circle | None = None,
) -> Measure:
    """Write into a member's record what was done, and tell them; of words, that those who reported them are heard.
    What is done to oneself stands in no record: see `is_own`."""
    post = written if isinstance(written, Post) else None
    comment = written if isinstance(written, Comment) else None
    if written is not None:
        mentions.fill([written], membership.community, None)
    made = Measure.objects.create(
        membership=membership,
        kind=kind,
        post=post,
        comment=comment,
        said=Truncator(written.words).chars(300) if written else "",
        reason=reason,
        at=at,
        until=until,
        source=source,
        by=by.membership,
        by_words=called(by),
    )
    if written is not None:
        case = Case.objects.open().filter(comment=comment, post=post)
        for one in locked(case):
            settle(case=one, act=kind, reason=reason, at=at, by=by)
    activity.announce("measure.taken", measure=made, at=at, by=by)
    return made


def end(*, written: Post | Comment, kind: str, at: datetime, by: Actor) -> None:
    """What was done to these words is undone."""
    about = {"comment": written} if isinstance(written, Comment) else {"post": written}
    there = Measure.objects.standing().filter(kind=kind, **about)
    there.update(ended_at=at, ended_words=called(by))


def settle(*, case: Case, act: str, reason: str, at: datetime, by: Actor) -> Case:
    """Decide a case, which the caller holds, and tell those who reported it what became of it."""
    kept = act == Case.Act.KEEP
    case.state = Case.State.KEPT if kept else Case.State.ACTED
    case.decided_at, case.decided_by, case.decided_words = at, by.membership, called(by)
    case.act, case.reason, case.said = act, reason[:240], ""
    case.save(update_fields=["state", "decided_at", "decided_by", "decided_words", "act", "reason", "said"])
    waiting = case.reports.filter(outcome=Case.State.OPEN).select_related("reporter__user")
    reporters = [report.reporter for report in waiting if report.reporter]
    waiting.update(outcome=case.state)
    activity.announce("case.decided", case=case, reporters=reporters, at=at, by=by)
    return case


def settle_held(written: Post | Comment, *, at: datetime, by: Actor) -> None:
    """What waited for approval is approved: nothing is to be decided about it any more."""
    about = {"comment": written} if isinstance(written, Comment) else {"post": written}
    for case in locked(Case.objects.open().filter(**about)):
        settle(case=case, act=Case.Act.KEEP, reason="", at=at, by=by)


def follow_status(*, membership: Membership, before: str, at: datetime, by: Actor) -> None:
    """Keep the record with what staff do to a membership, by whichever door; hears "membership.status_changed"."""
    after = membership.status
    if after in COUNTED or (after in ADMITTED and before not in ADMITTED):
        over = Measure.objects.standing().filter(membership=membership, kind__in=OF_STATUS.values())
        over.update(ended_at=at, ended_words=called(by))
    if after not in OF_STATUS or is_own(membership, by):
        return
    changes = MembershipChange.objects.filter(membership=membership, kind=MembershipChange.Kind.STATUS)
    reason = changes.order_by("-at", "-id").values_list("reason", flat=True).first() or ""
    note(membership=membership, kind=OF_STATUS[after], reason=reason, at=at, by=by)


def is_own(membership: Membership, by: Actor) -> bool:
    """Whether the member does it to themselves."""
    return by.membership is not None and by.membership.pk == membership.pk


def a_reason(reason: str) -> str:
    """Raises `Refused` where there is none."""
    reason = reason.replace("\x00", "").strip()[:240]
    if not reason:
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    return reason


def _held(membership: Membership, by: Actor) -> Membership:
    """The member, held, upon whom that one may act."""
    membership, acting, _owners = powers.hold(membership, by)
    powers.guard(acting, MODERATE)
    if is_own(membership, by):
        raise Refused(_("Nobody does this to themselves."), code="own")
    powers.guard_owner(membership, acting)
    if not membership.is_admitted:
        raise Refused(_("They are no member now."), code="not_member")
    return membership


def called(by: Actor) -> str:
    return (by.membership.display_name if by.membership else by.words)[:120]


def _record(
    action: str, membership: Membership, *, at: datetime, by: Actor, reason: str = "", hours: int = 0
) -> None:
    after = ({"reason": reason} if reason else {}) | ({"hours": hours} if hours else {})
    audit.record(
        action=action,
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        after=after,
    )
