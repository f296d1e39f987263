"""Introductions over the API: who was brought together, what followed, and the act."""

from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import Introduction
from engagement.selectors import introductions as seen
from engagement.services import introductions as acting
from kernel.api import pages
from kernel.api.fields import Moment
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor
from members.models import Membership

LATEST = Order("at", descending=True)
#: Members' numbers stay below this.
TOO_LARGE = 2**31


class InCommonShape(Shape):
    """What the two had in common when it was said."""

    shared_neighbours = serializers.IntegerField(help_text="Members both were in touch with.")
    shared_interests = serializers.IntegerField(help_text="Interests both showed.")
    same_city = serializers.BooleanField()


class IntroductionShape(Shape):
    """Two members whom staff brought together, or said not to."""

    id = serializers.UUIDField(source="key")
    members = serializers.SerializerMethodField(help_text="The numbers of the two, the lower first.")
    state = serializers.ChoiceField(choices=Introduction.State.values)
    why = InCommonShape()
    at = Moment()
    by = serializers.IntegerField(
        allow_null=True, help_text="The number of who did it; null where a program did."
    )
    met_on = serializers.DateField(
        allow_null=True,
        help_text="The first day, within 28 after, on which one of them turned to the other; null while there is none.",
    )

    def get_members(self, row: Introduction) -> list[int]:
        return [row.low, row.high]


IntroductionPage = page_of(IntroductionShape, "IntroductionPage")


class PairBody(Body):
    members = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=TOO_LARGE - 1),
        min_length=2,
        max_length=2,
        help_text="The numbers of the two.",
    )


class Introductions(ApiView):
    tag = "members"

    @operation(
        "list_introductions",
        "List introductions",
        answers={200: IntroductionPage},
        needs="figures.view",
        query=PageQuery,
    )
    def get(self, request: Request) -> Response:
        """Who was introduced or set aside, the latest first. Whom to introduce is the figure `introductions`."""
        rows = seen.rows(request.community)  # type: ignore[attr-defined]
        page = pages.page(
            request, rows, order=LATEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(IntroductionShape(page.rows, many=True).data))

    @operation(
        "introduce_members",
        "Introduce two members",
        answers={201: IntroductionShape},
        needs=acting.INTRODUCE,
        body=PairBody,
        refuses=(422,),
        example={"members": [12, 40]},
    )
    def post(self, request: Request) -> Response:
        """Bring two members together: each is written to in their own language. Refused as `closed` where one of them is not
        to be named to others or they want nothing of one another, as `in_touch` or `already` where it is not needed."""
        one, other = self._two()
        made = acting.introduce(one=one, other=other, at=now(), by=Actor.of_request(request))
        return self.one(IntroductionShape(made), status=201)

    def _two(self) -> list[Membership]:
        return _two(self, self.read_body()["members"])


class DeclineIntroduction(ApiView):
    tag = "members"

    @operation(
        "decline_introduction",
        "Say that two are not to be introduced",
        answers={201: IntroductionShape},
        needs=acting.INTRODUCE,
        body=PairBody,
        refuses=(422,),
        example={"members": [12, 40]},
    )
    def post(self, request: Request) -> Response:
        """They are not proposed again, and nobody is told. Refused as `already` where they have been introduced."""
        one, other = _two(self, self.read_body()["members"])
        row = acting.set_aside(one=one, other=other, at=now(), by=Actor.of_request(request))
        return self.one(IntroductionShape(row), status=201)


class OneIntroduction(ApiView):
    tag = "members"
    places = {"introduction_key": "The introduction's id."}

    @operation(
        "propose_again",
        "Let two be proposed again",
        answers={204: None},
        needs=acting.INTRODUCE,
        refuses=(422,),
    )
    def delete(self, request: Request, introduction_key: UUID) -> Response:
        """Two who were set aside are proposed again where the figure says so. Refused as `already` where they have been
        introduced: that was said to both."""
        row = seen.find(request.community, introduction_key)  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        acting.take_up(row=row, at=now(), by=Actor.of_request(request))
        return Response(status=204)


def _two(view: ApiView, numbers: list[int]) -> list[Membership]:
    """The members of these numbers. Raises `Http404` where there is no such member, `Refused` for the same twice."""
    request = view.request
    here = Membership.objects.of(request.community.pk).filter(number__in=numbers)  # type: ignore[attr-defined]
    found = {one.number: one for one in here.select_related("user")}
    if not set(numbers) <= set(found):
        raise Http404
    return [found[number] for number in numbers]
