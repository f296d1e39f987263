"""What staff look at before and after two records become one: side by side, what goes over, what is being asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kernel import merging, words
from kernel.tenancy import Community
from members import merge_fields
from members.models import CustomField, Membership, Merge, MergeProposal


@dataclass(frozen=True)
class Side:
    """A value of one of the two in words, and whose it is."""

    whose: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One field in which the two differ: what it is called and both values, the kept one's first."""

    key: str
    label: str
    sides: tuple[Side, Side]


@dataclass(frozen=True)
class Preview:
    """`lines` are to be chosen among; `both` is what they will have of both, by name; `moves` how many rows of what go
    over, those of which there are none left out; `joined_at` the joining that counts."""

    kept: Membership
    merged: Membership
    lines: Sequence[Line]
    both: Sequence[tuple[str, str]]
    moves: Sequence[tuple[str, int]]
    joined_at: datetime


def preview(kept: Membership, merged: Membership) -> Preview:
    names = {field.key: field.name for field in CustomField.objects.of(kept.community_id)}
    found = merge_fields.differences(kept, merged, names=names)
    lists = ((_("Tags"), "tags"), (_("Interests"), "interests"))
    both = [
        (label, list(dict.fromkeys([*getattr(kept, name), *getattr(merged, name)]))) for label, name in lists
    ]
    moves = [(str(part.label), part.count(merged.pk)) for part in merging.parts]
    moves.append((_("Members they brought"), merged.invitees.exclude(pk=kept.pk).count()))
    return Preview(
        kept,
        merged,
        [_line(one) for one in found],
        [(label, words.listed(values)) for label, values in both if values],
        [(label, count) for label, count in moves if count],
        merge_fields.joined_at(kept, merged),
    )


def merges(community: Community) -> QuerySet[Merge]:
    """Every merge of the community, undone ones too."""
    return Merge.objects.of(community.id).select_related("kept", "merged")


def merge(community: Community, merge_id: UUID) -> Merge | None:
    return merges(community).filter(pk=merge_id).first()


def can_be_undone(merge: Merge, *, at: datetime) -> bool:
    """Whether its time is not over; that something was merged on top of it shows when it is tried."""
    return merge.undone_at is None and merge.undo_until is not None and merge.undo_until > at


def proposals(community: Community) -> QuerySet[MergeProposal]:
    found = MergeProposal.objects.filter(community_id=community.id)
    return found.select_related("kept__user", "merged__user", "kept__community", "merged__community")


def waiting(community: Community, *, at: datetime) -> list[MergeProposal]:
    """The questions that are open, the oldest first."""
    found = proposals(community).filter(state=MergeProposal.State.WAITING, expires_at__gt=at)
    return list(found.order_by("at", "id"))


def asked(
    community: Community, *, user_id: int | None, proposal_id: UUID
) -> tuple[MergeProposal, Membership] | None:
    """The question and which of the two this person is; None for who is neither, and for a program."""
    if user_id is None:
        return None
    found = (
        proposals(community).filter(Q(kept__user=user_id) | Q(merged__user=user_id), pk=proposal_id).first()
    )
    if found is None:
        return None
    return found, found.kept if found.kept.user_id == user_id else found.merged


def _line(one: merge_fields.Difference) -> Line:
    return Line(
        one.key,
        one.label,
        (
            Side(merge_fields.KEPT, _said(one.kept), one.chosen == merge_fields.KEPT),
            Side(merge_fields.MERGED, _said(one.merged), one.chosen == merge_fields.MERGED),
        ),
    )


def _said(value: Any) -> str:
    if value is None or value in ("", []):
        return words.NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return words.listed(str(each) for each in value)
    return str(value)
