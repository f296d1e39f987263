"""Duplicates and what becomes of them: suggested, told apart, merged, undone; and two who sign in, asked."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import newest
from kernel.api.fields import Choice, Flag, Moment, Whole
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.api.members import find
from members.merge_fields import KEPT, MERGED
from members.models import Merge, MergeProposal
from members.selectors import duplicates
from members.selectors import merging as seen
from members.services import merge_proposals, merging

NEEDS = merging.PERMISSION
CHOICES = serializers.DictField(
    child=Choice([KEPT, MERGED]),
    required=False,
    help_text="By field (name, email, city, country, place, introduction, inviter, custom:<key>): whose value it is. What "
    "is left out is the kept one's, where that has any, and the inviter is that of the earlier joining.",
)


class SuggestionShape(Shape):
    """Two records that may be one person."""

    why = serializers.ChoiceField(choices=list(duplicates.Why), help_text="In what they are alike.")
    kept = serializers.IntegerField(source="kept.number", help_text="The number of who would be kept.")
    merged = serializers.IntegerField(source="merged.number", help_text="The number of the other record.")
    both_sign_in = serializers.BooleanField(help_text="Then they are asked: `merge-proposals/`.")
    asked = serializers.BooleanField(help_text="Whether one of the two is being asked now.")


class Suggestions(Shape):
    """The surest first; more come up once these are decided."""

    results = SuggestionShape(many=True)
    more = serializers.BooleanField(help_text="Whether there are others behind these.")


class MergeShape(Shape):
    """That a record stands for another."""

    id = serializers.UUIDField()
    kept = serializers.IntegerField(source="kept.number")
    merged = serializers.IntegerField(source="merged.number")
    at = Moment()
    undo_until = Moment(allow_null=True, help_text="Null once either was erased: it stays.")
    undone_at = Moment(allow_null=True)


class ProposalShape(Shape):
    """Two who sign in, asked whether they are one person."""

    id = serializers.UUIDField()
    kept = serializers.IntegerField(source="kept.number")
    merged = serializers.IntegerField(source="merged.number")
    state = serializers.ChoiceField(choices=MergeProposal.State.choices)
    at = Moment()
    kept_said_at = Moment(allow_null=True, help_text="When the one who would be kept said yes.")
    merged_said_at = Moment(allow_null=True, help_text="When the other said yes.")
    expires_at = Moment()
    ended_at = Moment(allow_null=True)


MergePage = page_of(MergeShape, "MergePage")
ProposalPage = page_of(ProposalShape, "MergeProposalPage")


class Two(Body):
    """Two members, by number."""

    kept = Whole(min_value=1, help_text="Who is kept.")
    merged = Whole(min_value=1, help_text="The record that stands for them from now on.")


class TwoAndChoices(Two):
    """Two members, by number, and whose values are taken."""

    choices = CHOICES


class Apart(Body):
    """Two members, by number."""

    one = Whole(min_value=1)
    other = Whole(min_value=1)


class MergeAnswer(Body):
    """Whether it is so."""

    yes = Flag()


class Duplicates(ApiView):
    tag = "merging"

    @operation("list_duplicates", "List who may be here twice", answers={200: Suggestions}, needs=NEEDS)
    def get(self, request: Request) -> Response:
        """At most 100 pairs, the surest first, each with why it is thought. Nothing is merged by itself."""
        found = duplicates.suggestions(request.community)  # type: ignore[attr-defined]
        return Response(Suggestions({"results": found.suggestions, "more": found.more}).data)


class KeepApart(ApiView):
    tag = "merging"

    @operation("keep_apart", "Say that two are two people", answers={204: None}, needs=NEEDS, body=Apart)
    def post(self, request: Request) -> Response:
        """They are not suggested again. Saying it twice changes nothing."""
        given = self.read_body()
        one, other = (find(request.community, given[name]) for name in ("one", "other"))  # type: ignore[attr-defined]
        if one.pk == other.pk:
            raise Refused(_("These are one record already."), code="same", field="other")
        merging.keep_apart(one=one, other=other, at=now(), by=Actor.of_request(request))
        return Response(status=204)


class Merges(ApiView):
    tag = "merging"

    @operation("list_merges", "List merges", answers={200: MergePage}, needs=NEEDS, query=PageQuery)
    def get(self, request: Request) -> Response:
        """Every merge, undone ones too, the latest first."""
        page = newest.page(
            request,
            seen.merges(request.community),  # type: ignore[attr-defined]
            at="at",
            tie="id",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(MergeShape(page.rows, many=True).data))

    @operation(
        "merge_members", "Merge a record into a member", answers={201: MergeShape}, needs=NEEDS, body=TwoAndChoices,
        example={"kept": 12, "merged": 40, "choices": {"city": "merged"}},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Of a record that nobody signs in to. Refused with `both_sign_in` for two who do: ask them."""
        community = request.community  # type: ignore[attr-defined]
        given = self.read_body()
        made = merging.merge(
            kept=find(community, given["kept"]),
            merged=find(community, given["merged"]),
            choices=given.get("choices"),
            at=now(),
            by=Actor.of_request(request),
        )
        place = reverse("api:merge", args=[community.slug, made.pk])
        headers = {"Location": request.build_absolute_uri(place)}
        return Response(MergeShape(made).data, status=201, headers=headers)


class OneMerge(ApiView):
    tag = "merging"
    places = {"merge_id": "The merge's id."}

    @operation("read_merge", "Read a merge", answers={200: MergeShape}, needs=NEEDS, tagged=True)
    def get(self, request: Request, merge_id: UUID) -> Response:
        """One merge, by id."""
        return self.one(MergeShape(_merge(request, merge_id)))


class UndoMerge(ApiView):
    tag = "merging"
    places = {"merge_id": "The merge's id."}

    @operation("undo_merge", "Undo a merge", answers={200: MergeShape}, needs=NEEDS)
    def post(self, request: Request, merge_id: UUID) -> Response:
        """Two records again, as they were but for what was changed since. Refused with `too_late`, `later_first`,
        `erased`, `undone`, `full` and `loop`."""
        found = _merge(request, merge_id)
        return self.one(MergeShape(merging.undo(merge=found, at=now(), by=Actor.of_request(request))))


class Proposals(ApiView):
    tag = "merging"

    @operation(
        "list_merge_proposals", "List who is asked", answers={200: ProposalPage}, needs=NEEDS, query=PageQuery
    )
    def get(self, request: Request) -> Response:
        """Everybody who was ever asked, the latest first."""
        page = newest.page(
            request,
            seen.proposals(request.community),  # type: ignore[attr-defined]
            at="at",
            tie="id",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(ProposalShape(page.rows, many=True).data))

    @operation(
        "propose_merge", "Ask two whether they are one person", answers={201: ProposalShape}, needs=NEEDS,
        body=TwoAndChoices, example={"kept": 12, "merged": 40},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Of two who both sign in. They are merged once both have said yes; refused with `asked` where one is asked."""
        community = request.community  # type: ignore[attr-defined]
        given = self.read_body()
        made = merge_proposals.propose(
            kept=find(community, given["kept"]),
            merged=find(community, given["merged"]),
            choices=given.get("choices"),
            at=now(),
            by=Actor.of_request(request),
        )
        return Response(ProposalShape(made).data, status=201)


class WithdrawProposal(ApiView):
    tag = "merging"
    places = {"proposal_id": "The question's id."}

    @operation("withdraw_merge_proposal", "Take the question back", answers={200: ProposalShape}, needs=NEEDS)
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Neither is asked any more. Refused with `over` for one that is answered."""
        found = seen.proposals(request.community).filter(pk=proposal_id).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        taken = merge_proposals.withdraw(proposal=found, at=now(), by=Actor.of_request(request))
        return self.one(ProposalShape(taken))


class AnswerProposal(ApiView):
    tag = "merging"
    places = {"proposal_id": "The question's id."}

    @operation(
        "answer_merge_proposal",
        "Say whether one is also the other",
        answers={200: ProposalShape},
        body=MergeAnswer,
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """For each of the two, in the browser; 404 for everybody else. With the second yes they are one member."""
        user_id = request.user.pk if request.auth is None else None
        asked = seen.asked(request.community, user_id=user_id, proposal_id=proposal_id)  # type: ignore[attr-defined]
        if asked is None:
            raise Http404
        proposal, own = asked
        answered = merge_proposals.answer(
            proposal=proposal, membership=own, at=now(), by=Actor.of_request(request), **self.read_body()
        )
        return self.one(ProposalShape(answered))


def _merge(request: Request, merge_id: UUID) -> Merge:
    found = seen.merge(request.community, merge_id)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
