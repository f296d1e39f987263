"""The members' directory, one's own profile in it, and the member card."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import access
from kernel.api import etags, pages
from kernel.api.fields import Choice, Flag, Moment, Text, Words
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import Query, SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.locks import locked
from members.api.members import NUMBER
from members.api.shapes import Custom
from members.models import CustomField, Membership
from members.selectors import card as seen
from members.selectors import people_directory as directory
from members.services import cards, profiles


class PersonShape(Shape):
    """A member as the other members see them: empty where they do not show it."""

    sparse = True

    number = serializers.IntegerField(help_text="The member's number.")
    name = serializers.CharField()
    introduction = serializers.CharField()
    interests = serializers.ListField(child=serializers.CharField())
    city = serializers.CharField()
    country = serializers.CharField()
    email = serializers.CharField()
    custom = Custom(help_text="What they have in fields of the community's own that all members see.")


PersonPage = page_of(PersonShape, "PersonPage")


class OwnProfileShape(Shape):
    """One's own profile: what one says, and what of it the other members see."""

    sparse = True

    number = serializers.IntegerField()
    name = serializers.CharField()
    introduction = serializers.CharField()
    interests = serializers.ListField(child=serializers.CharField())
    city = serializers.CharField()
    country = serializers.CharField()
    email = serializers.CharField()
    custom = serializers.SerializerMethodField(
        help_text="What one has in fields of the community's own that one sees."
    )
    listed = serializers.BooleanField(help_text="Whether one is in the directory.")
    shown = serializers.ListField(
        child=serializers.ChoiceField(choices=list(directory.SHOWABLE)), help_text="What members see."
    )

    @extend_schema_field(Custom)
    def get_custom(self, member: Membership) -> dict[str, Any]:
        fields = CustomField.objects.of(member.community_id).seen_by_their_member()
        return {field.key: member.custom[field.key] for field in fields if field.key in member.custom}


class ProfileChange(Body):
    """What one says of oneself, and shows; what is left out stays."""

    name = Text(required=False, max_length=120)
    introduction = Text(required=False, max_length=2000, allow_blank=True)
    interests = Words(required=False)
    city = Text(required=False, max_length=120, allow_blank=True)
    country = Text(required=False, max_length=120, allow_blank=True)
    custom = Custom(
        required=False,
        help_text="Fields that members change themselves; one that is left out stays, null takes its value away.",
    )
    listed = Flag(required=False)
    shown = serializers.ListField(
        child=Choice(choices=list(directory.SHOWABLE)),
        required=False,
        max_length=len(directory.SHOWABLE),
    )


class CardShape(Shape):
    """One's own card: the address that its QR code holds, and until when."""

    address = serializers.URLField(help_text="Whoever opens it sees whether the card is valid.")
    until = Moment(help_text="The code is renewed by itself then.")


class CheckedShape(Shape):
    """What a scan tells: all null where the card is not valid, and nothing tells why."""

    valid = serializers.BooleanField()
    first_name = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    tier = serializers.CharField(allow_null=True, help_text="The tier's name.")
    checked_at = Moment()


class PeopleQuery(PageQuery, SparseQuery):
    q = Text(required=False, max_length=120, help_text="A part of the name; of a Chinese one its pinyin too.")
    city = Text(required=False, max_length=120, help_text="The city they show.")
    interest = Text(required=False, max_length=80, help_text="An interest they show.")


class TokenQuery(Query):
    token = Text(max_length=200, help_text="What stands behind `/v/` in the address that was scanned.")


class People(ApiView):
    tag = "people"

    @operation("list_people", "List the directory", answers={200: PersonPage}, query=PeopleQuery)
    def get(self, request: Request) -> Response:
        """The members in the directory by name, each with what they show; only that is searched."""
        query = self.query
        wanted = directory.Wanted(query.get("q", ""), query.get("city", ""), query.get("interest", ""))
        page = pages.page(
            request,
            directory.narrow(directory.matching(community=request.community, wanted=wanted)),  # type: ignore[attr-defined]
            order=directory.BY_NAME,
            limit=query["limit"],
            cursor=query.get("cursor", ""),
        )
        people = directory.of_rows(page.rows, request.community.id)  # type: ignore[attr-defined]
        return Response(page.answer(PersonShape(people, many=True, only=self.only).data))


class OnePerson(ApiView):
    tag = "people"
    places = NUMBER

    @operation("read_person", "Read a person", answers={200: PersonShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, number: int) -> Response:
        """One member of the directory, as far as they show themselves; 404 for who is not in it."""
        rows = Membership.objects.of(request.community.id)  # type: ignore[attr-defined]
        if request.auth is not None:
            rows = rows.filter(directory.listed_q())
        member = access.find(rows, request, number=min(number, 2**31 - 1))
        return self.one(PersonShape(directory.person(member)))


class OwnApiView(ApiView):
    """For people in the browser: a key is nobody."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.auth is not None:
            words = _("This is about the person who asks: sign in, in the browser.")
            raise exceptions.PermissionDenied(words, "person_needed")


class OwnProfile(OwnApiView):
    tag = "people"

    @operation(
        "read_profile",
        "Read one's own profile",
        answers={200: OwnProfileShape},
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request) -> Response:
        """What one says of oneself, and who sees it. For people in the browser."""
        return self.one(OwnProfileShape(request.membership))  # type: ignore[attr-defined]

    @operation(
        "change_profile",
        "Change one's own profile",
        answers={200: OwnProfileShape},
        body=ProfileChange,
        query=SparseQuery,
        tagged=True,
        example={"introduction": "I bind books.", "shown": ["introduction", "city"]},
    )
    def patch(self, request: Request) -> Response:
        """Change what is given; a restricted member can only hide. For people in the browser."""
        fields = self.read_body()
        with transaction.atomic():
            member = locked(Membership.objects.filter(pk=request.membership.pk)).get()  # type: ignore[attr-defined]
            etags.require(request, etags.of(OwnProfileShape(member).data))
            member = profiles.present(membership=member, at=now(), **fields)
        return self.one(OwnProfileShape(member))


class Card(OwnApiView):
    tag = "people"

    @operation("read_card", "Read one's own card", answers={200: CardShape})
    def get(self, request: Request) -> Response:
        """The card of the person who asks, in the browser; refused while they do not count as a member."""
        return self._card(request, renewed=False)

    @operation("renew_card", "Give one's card a new code", answers={200: CardShape})
    def post(self, request: Request) -> Response:
        """The old code ends at once, and with it every picture of it."""
        return self._card(request, renewed=True)

    def _card(self, request: Request, *, renewed: bool) -> Response:
        member = request.membership  # type: ignore[attr-defined]
        if not seen.is_valid(member):
            raise exceptions.PermissionDenied(_("Your card is not valid now."), "not_valid")
        card = (cards.renew if renewed else cards.current)(membership=member, at=now())
        address = request.build_absolute_uri(reverse("members:verify", args=[seen.token(card)]))
        return Response(CardShape({"address": address, "until": card.issued_at + seen.LASTS}).data)


class CheckCard(ApiView):
    tag = "people"

    @operation("check_card", "Check a member's card", answers={200: CheckedShape}, query=TokenQuery)
    def get(self, request: Request) -> Response:
        """Whether the card that was scanned is a valid one of this community, now."""
        at = now()
        found = seen.check(self.query["token"], at=at, community=request.community)  # type: ignore[attr-defined]
        answer = {
            "valid": found is not None,
            "first_name": found.first_name if found else None,
            "number": found.number if found else None,
            "tier": found.tier if found else None,
            "checked_at": at,
        }
        return Response(CheckedShape(answer).data)
