"""Two who both sign in are one person only where both say so: they are asked, and it is done with the second yes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import locked
from members import merge_fields
from members.actors import Actor
from members.models import Membership, MergeProposal
from members.services import audit, mail, merging, powers

State = MergeProposal.State
#: In which both have to answer.
WAIT = timedelta(days=14)
ASKED = "member.merge_asked"
DONE = "member.merge_done"
DECLINED = "member.merge_declined"


@transaction.atomic
def propose(
    *, kept: Membership, merged: Membership, at: datetime, by: Actor, choices: Mapping[str, str] | None = None
) -> MergeProposal:
    """Ask both whether they are one person. Raises `Refused` as `merging.merge` does, for two of whom one does not sign
    in (`staff_alone`), and where one of them is being asked already (`asked`)."""
    powers.require(by, merging.PERMISSION)
    if kept.community_id != merged.community_id:
        raise ValueError("Records of two communities.")
    if kept.pk == merged.pk:
        raise Refused(_("These are one record already."), code="same")
    kept, merged = merging.hold_both(kept, merged)
    if kept.user_id is None or merged.user_id is None:
        words = _("Nobody has to be asked about a record that nobody signs in to.")
        raise Refused(words, code="staff_alone")
    merging.guard(kept, merged)
    merge_fields.result(kept, merged, choices or {})
    _expire(kept, merged, at=at)
    try:
        with transaction.atomic():
            proposal = MergeProposal.objects.create(
                community_id=kept.community_id,
                kept=kept,
                merged=merged,
                choices=dict(choices or {}),
                at=at,
                by=by.membership,
                by_words=by.words[:120],
                expires_at=at + WAIT,
            )
    except IntegrityError:
        raise Refused(_("One of the two is being asked already."), code="asked") from None
    _record("member.merge_proposed", proposal, at=at, by=by)
    _tell(ASKED, proposal, at=at, by=by)
    return proposal


@transaction.atomic
def answer(
    *, proposal: MergeProposal, membership: Membership, yes: bool, at: datetime, by: Actor
) -> MergeProposal:
    """One of the two says yes or no. With the second yes they are merged; with a no it is over.

    Raises `Refused` when it is over already (`over`), and as `merging.merge` does, in which case nothing has changed.
    """
    if membership.pk not in (proposal.kept_id, proposal.merged_id) or membership.user_id is None:
        raise ValueError("Nobody answers for another.")
    kept, merged = merging.hold_both(proposal.kept, proposal.merged)
    proposal = locked(MergeProposal.objects.filter(pk=proposal.pk)).get()
    if proposal.state != State.WAITING or proposal.expires_at <= at:
        raise Refused(_("This question is not open any more."), code="over")
    if not yes:
        _end(proposal, State.DECLINED, at=at)
        merging.note_apart(proposal.kept, proposal.merged, at=at)
        _record("member.merge_declined", proposal, at=at, by=by)
        _tell(DECLINED, proposal, at=at, by=by)
        return proposal
    said = "kept_said_at" if membership.pk == proposal.kept_id else "merged_said_at"
    if getattr(proposal, said) is None:
        setattr(proposal, said, at)
        proposal.save(update_fields=[said])
        _record("member.merge_agreed", proposal, at=at, by=by)
    if proposal.kept_said_at is not None and proposal.merged_said_at is not None:
        # First the end, so that the merge does not take the question back.
        _end(proposal, State.DONE, at=at)
        merging.carry_out(kept=kept, merged=merged, choices=proposal.choices, at=at, by=by)
        _tell(DONE, proposal, at=at, by=by)
    return proposal


@transaction.atomic
def withdraw(*, proposal: MergeProposal, at: datetime, by: Actor) -> MergeProposal:
    """Staff take the question back. Raises `Refused` when it is over already (`over`), and for who may not merge."""
    powers.require(by, merging.PERMISSION)
    proposal = locked(MergeProposal.objects.filter(pk=proposal.pk)).get()
    if proposal.state != State.WAITING:
        raise Refused(_("This question is not open any more."), code="over")
    _end(proposal, State.WITHDRAWN, at=at)
    _record("member.merge_withdrawn", proposal, at=at, by=by)
    return proposal


def expire_due(*, at: datetime) -> int:
    """End the questions that were not answered in time; how many."""
    due = MergeProposal.objects.filter(state=State.WAITING, expires_at__lte=at)
    return due.update(state=State.EXPIRED, ended_at=at)


def _expire(kept: Membership, merged: Membership, *, at: datetime) -> None:
    due = MergeProposal.objects.filter(state=State.WAITING, expires_at__lte=at)
    for field in ("kept", "merged"):
        due.filter(**{f"{field}__in": [kept, merged]}).update(state=State.EXPIRED, ended_at=at)


def _end(proposal: MergeProposal, state: str, *, at: datetime) -> None:
    proposal.state, proposal.ended_at = state, at
    proposal.save(update_fields=["state", "ended_at"])


def _tell(kind: str, proposal: MergeProposal, *, at: datetime, by: Actor) -> None:
    for one, other in ((proposal.kept, proposal.merged), (proposal.merged, proposal.kept)):
        mail.send(
            kind=kind,
            to=one,
            community=one.community,
            words={"other": f"{other.display_name} (#{other.number})", "number": str(proposal.kept.number)},
            at=at,
            by=by,
            dedupe=f"{kind}:{proposal.pk}:{one.pk}",
            url=f"/c/{one.community.slug}/one-person/{proposal.pk}/",
        )


def _record(action: str, proposal: MergeProposal, *, at: datetime, by: Actor) -> None:
    audit.record(
        action=action,
        object_kind="member",
        object_id=proposal.merged.number,
        by=by,
        at=at,
        community_id=proposal.community_id,
        after={"into": proposal.kept.number},
    )
