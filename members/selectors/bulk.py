"""Bulk acts as people read them: what is done, how far it is, who was refused and why."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.tenancy import Community
from members.models import BulkAct, Membership, Tier
from members.statuses import acts

SHOWN_REFUSED = 50


class Refusal(NamedTuple):
    """One who was refused, and why, in the language in force."""

    number: int
    name: str
    code: str
    words: str


def of(*, community_id: int) -> QuerySet[BulkAct]:
    """The community's acts, newest first, without whom they are about."""
    return BulkAct.objects.of(community_id).light()


def one(*, community_id: int, bulk_id: UUID) -> BulkAct | None:
    return of(community_id=community_id).select_related("undo").filter(pk=bulk_id).first()


def words(act: BulkAct, community: Community) -> str:
    """What is done, in a few words."""
    if act.undo_of_id and act.kind == BulkAct.Kind.TIER:
        return _("Put back into the tier they were in")
    if act.kind == BulkAct.Kind.TAG:
        return _("Give the tag “%(tag)s”") % act.options
    if act.kind == BulkAct.Kind.UNTAG:
        return _("Take the tag “%(tag)s” away") % act.options
    if act.kind == BulkAct.Kind.TIER:
        tier = Tier.objects.of(community.id).filter(key=act.options["tier"]).first()
        return _("Put into the tier “%(tier)s”") % {"tier": tier or act.options["tier"]}
    return str(acts.get(act.options["act"]).label)


def refused(act: BulkAct, *, most: int | None = None) -> Iterator[Refusal]:
    """Who was refused, in their order; at most so many."""
    left = most
    for part in act.parts.exclude(refused=[]).order_by("start").iterator(chunk_size=20):
        rows = part.refused if left is None else part.refused[:left]
        found = Membership.objects.of(act.community_id).in_bulk([pk for pk, _code, _words in rows])
        for pk, code, told in rows:
            member = found.get(pk)
            number, name = (member.number, member.display_name) if member else (0, "–")
            yield Refusal(number, name, code, reason(code, told))
        if left is not None:
            left -= len(rows)
            if left <= 0:
                return


def reason(code: str, told: str) -> str:
    """Why somebody was refused; `told` is what was said when it happened."""
    return {
        "full": _("The tier is full."),
        "no_tier": _("The tier is not there any more."),
        "too_many_tags": _("They have as many tags as there can be."),
        "changed_since": _("Somebody has changed this since."),
        "gone": _("This membership is not there any more."),
        "yourself": _("Nobody does this to themselves among others."),
        "last_owner": _("A community needs an owner: make somebody else one first."),
        "owners_only": _("Only an owner may do this to an owner."),
        "ended": _("This membership has ended already."),
        "not_now": _("The act does not fit where the membership stands."),
    }.get(code, told or code)


#: Why an act was stopped, by the key that is kept.
FAILURES = {
    "attempts": gettext_lazy("It stopped several times and was given up. What was done until then stays."),
    "no_longer_allowed": gettext_lazy(
        "Who asked for it may not do this any more. What was done until then stays."
    ),
}


def failure(act: BulkAct) -> str:
    """Why it was stopped before its end; "" when it was not."""
    return str(FAILURES.get(act.failure, act.failure))


def report(act: BulkAct) -> tuple[list[str], Iterator[list[Any]]]:
    """Everybody who was refused, as a table."""
    header = [_("Number"), _("Name"), _("Reason")]
    return header, ([one.number or "", one.name, one.words] for one in refused(act))
