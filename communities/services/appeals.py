"""A member's word against what was done about them, and the answer of somebody else."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Appeal, Comment, Measure
from communities.services import comments, measures, posts
from kernel import activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.roles import GONE, Status
from members.services import audit, powers, standing

LONGEST = 2000
#: What the answer may be long.
LONGEST_ANSWER = 500
#: For so long a member may appeal.
WITHIN = timedelta(days=30)
Kind, State = Measure.Kind, Appeal.State


def possible(measure: Measure, at: datetime) -> bool:
    """Whether the member may appeal against it now: once, while it stands, and not for ever."""
    over = measure.ended_at is not None or (measure.until is not None and measure.until <= at)
    return not over and at - measure.at <= WITHIN and not hasattr(measure, "appeal")


@transaction.atomic
def make(*, measure: Measure, membership: Membership, words: str, at: datetime) -> Appeal:
    """Say in words why it should be lifted; whoever was removed may do so too.

    Raises `Refused` for what was done to somebody else (`not_yours`), a second time (`already`), after `WITHIN` or once
    it is over (`over`), and without words (`required`).
    """
    words = words.replace("\x00", "").strip()
    if not words or len(words) > LONGEST:
        told = _("Write between 1 and %(most)d characters.") % {"most": LONGEST}
        raise Refused(told, code="required", field="words")
    people = [pk for pk in (membership.pk, measure.by_id) if pk]
    list(held(Membership.objects.filter(pk__in=people).order_by("pk")))
    measure = locked(Measure.objects.filter(pk=measure.pk).select_related("membership__community")).get()
    if measure.membership_id != membership.pk:
        raise Refused(_("This was not done to you."), code="not_yours")
    if hasattr(measure, "appeal"):
        raise Refused(_("You have appealed against this already."), code="already")
    if not possible(measure, at):
        raise Refused(_("It is over, or too long ago to appeal against it."), code="over")
    appeal = Appeal.objects.create(measure=measure, words=words, at=at)
    activity.announce("appeal.made", appeal=appeal, at=at)
    return appeal


@transaction.atomic
def decide(*, appeal: Appeal, lifts: bool, answer: str, at: datetime, by: Actor) -> Appeal:
    """Lift what was done, which undoes it, or let it stay, with an answer that the member reads.

    Raises `Refused` where somebody else was faster (`decided`), without an answer (`required`), for who may not decide,
    as the one who has acted where there is another (`no_longer_allowed`), and where it cannot be undone any more.
    """
    answer = answer.replace("\x00", "").strip()[:LONGEST_ANSWER]
    if not answer:
        raise Refused(_("Say why: the member will read it."), code="required", field="answer")
    member, acting, _owners = powers.hold(appeal.measure.membership, by)
    rows = Appeal.objects.select_related(
        "measure__post__circle", "measure__comment__post__circle", "measure__source"
    )
    appeal = locked(rows.filter(pk=appeal.pk)).get()
    appeal.measure.membership = member
    if acting is not None and not rules.allows_appeal(acting, appeal):
        raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")
    if appeal.state != State.OPEN:
        told = _("%(who)s has decided already: %(decision)s.")
        names = {"who": appeal.decided_words, "decision": appeal.get_state_display()}
        raise Refused(told % names, code="decided")
    if lifts:
        _undo(appeal.measure, answer, at, by)
    appeal.state = State.LIFTED if lifts else State.UPHELD
    appeal.decided_at, appeal.decided_by, appeal.answer = at, by.membership, answer
    appeal.decided_words = measures.called(by)
    appeal.save(update_fields=["state", "decided_at", "decided_by", "decided_words", "answer"])
    audit.record(
        action="appeal.lifted" if lifts else "appeal.upheld",
        object_kind="appeal",
        object_id=appeal.key,
        by=by,
        at=at,
        community_id=member.community_id,
        after={"member": member.number, "act": appeal.measure.kind, "reason": answer},
    )
    activity.announce("appeal.decided", appeal=appeal, at=at, by=by)
    return appeal


def _undo(measure: Measure, answer: str, at: datetime, by: Actor) -> None:
    member, post = measure.membership, measure.post
    written = measure.comment or post
    if written is not None and written.removed_at is None:
        if measure.kind == Kind.HIDDEN and isinstance(written, Comment):
            comments.show(comment=written, at=at, by=by)
        elif measure.kind == Kind.HIDDEN and post is not None:
            posts.show(post=post, at=at, by=by)
        elif measure.kind == Kind.LOCKED and post is not None:
            posts.lock(post=post, locks=False, at=at, by=by)
        elif measure.kind == Kind.MOVED and post is not None:
            posts.move(post=post, to=measure.source, reason=answer, at=at, by=by, is_told=False)
    elif measure.kind == Kind.MUTED:
        measures.unmute(membership=member, at=at, by=by)
    elif measure.kind == Kind.RESTRICTED and member.status == Status.RESTRICTED:
        standing.act("lift", membership=member, reason=answer, at=at, by=by)
    elif measure.kind in (Kind.REMOVED, Kind.BANNED) and member.status in GONE:
        standing.act("take_back", membership=member, reason=answer, at=at, by=by)
    ended = Measure.objects.standing().filter(pk=measure.pk)
    ended.update(ended_at=at, ended_words=measures.called(by))
