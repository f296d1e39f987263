"""What of this app goes over to the record that is kept, and what stays with the one that was merged."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities import conversations_merged
from communities.models import (
    Application,
    Attachment,
    Block,
    Case,
    CircleMembership,
    CircleRequest,
    Comment,
    Draft,
    Measure,
    Mention,
    Post,
    Reaction,
    Report,
    ThreadRead,
    Vote,
)
from kernel import merging
from kernel.merging import Part


def register() -> None:
    # Before the circles themselves, of which those that both are in are taken from the merged one.
    merging.add(
        Part(
            "communities.hosting",
            label=_("Circles they look after"),
            fields=frozenset(),
            count=lambda merged: _hosted(merged).count(),
            move=_host,
            restore=_host_no_more,
        )
    )
    merging.add(
        merging.once(
            "communities.circles",
            label=_("Circles"),
            model=CircleMembership,
            field="membership",
            same=("circle",),
        )
    )
    merging.add(
        merging.once(
            "communities.circle_requests",
            label=_("Requests for circles"),
            model=CircleRequest,
            field="membership",
            same=("circle",),
            only={"state": CircleRequest.State.OPEN},
        )
    )
    # One that is undecided keeps its record from being merged at all.
    merging.add(
        merging.rows(
            "communities.applications", label=_("Applications"), model=Application, field="membership"
        )
    )
    for key, label, model in (
        ("posts", _("Posts"), Post),
        ("comments", _("Comments"), Comment),
        ("attachments", _("Pictures and files"), Attachment),
    ):
        merging.add(merging.rows(f"communities.{key}", label=label, model=model, field="author"))
    merging.add(conversations_merged.PART)
    for key, label, field, same in (
        ("blocks", _("Members they have blocked"), "by", "whom"),
        ("blocked_by", _("Members who have blocked them"), "whom", "by"),
    ):
        merging.add(merging.once(f"communities.{key}", label=label, model=Block, field=field, same=(same,)))
    merging.stay("Who is kept has said it for themselves.", "communities.MessageWish.membership")
    merging.add(
        merging.once("communities.drafts", label=_("Drafts"), model=Draft, field="author", same=("place",))
    )
    merging.add(
        merging.once(
            "communities.reactions",
            label=_("Reactions"),
            model=Reaction,
            field="member",
            same=("post", "comment", "emoji"),
        )
    )
    merging.add(
        merging.once(
            "communities.mentions",
            label=_("Where they were named"),
            model=Mention,
            field="member",
            same=("post", "comment"),
        )
    )
    # Where both have voted in a poll, the vote of the kept one holds.
    merging.add(
        merging.once("communities.votes", label=_("Votes"), model=Vote, field="member", same=("poll",))
    )
    merging.add(
        merging.once(
            "communities.threads_read",
            label=_("How far they have read"),
            model=ThreadRead,
            field="membership",
            same=("post",),
        )
    )
    merging.add(
        merging.rows(
            "communities.cases",
            label=pgettext_lazy("moderation", "What was reported of theirs"),
            model=Case,
            field="author",
        )
    )
    merging.add(
        merging.once(
            "communities.reports",
            label=pgettext_lazy("moderation", "What they reported"),
            model=Report,
            field="reporter",
            same=("case",),
        )
    )
    merging.add(
        merging.rows(
            "communities.measures",
            label=pgettext_lazy("moderation", "Their record"),
            model=Measure,
            field="membership",
        )
    )
    merging.stay(
        "It says who acted then, by whatever record.",
        "communities.MessageReport.by",
        "communities.MessageReport.about",
        "communities.MessageReport.settled_by",
        "communities.Application.decided_by",
        "communities.Reference.member",
        "communities.ApiKey.created_by",
        "communities.CircleRequest.decided_by",
        "communities.Case.decided_by",
        "communities.Measure.by",
        "communities.Appeal.decided_by",
    )


def _hosted(membership: int) -> QuerySet[CircleMembership]:
    return CircleMembership.objects.filter(membership=membership, is_host=True)


def _host(merged: int, kept: int) -> list[int]:
    """Who is in a circle that the merged record looked after looks after it; the circles of which that is new."""
    both = CircleMembership.objects.filter(membership=kept, is_host=False)
    new = both.filter(circle__in=list(_hosted(merged).values_list("circle", flat=True)))
    found = list(new.order_by("pk").select_for_update().values_list("circle", flat=True))
    both.filter(circle__in=found).update(is_host=True)
    return found


def _host_no_more(merged: int, kept: int, moved: Any) -> None:
    CircleMembership.objects.filter(membership=kept, circle__in=moved).update(is_host=False)
