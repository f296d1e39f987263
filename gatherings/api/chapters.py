"""Chapters: read by members with their figures, suggested to staff and founded by them."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities import access as talk
from gatherings.api import told
from gatherings.selectors import chapter_figures
from gatherings.selectors import chapters as near
from gatherings.services import chapters
from kernel.api import pages
from kernel.api.fields import Moment, Text, Whole
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor

BY_CITY = Order("city", tie="id")
CHAPTER = {"circle_slug": "The address of the circle that the chapter is."}


class ChapterFigures(Shape):
    """What is counted of a chapter."""

    members = serializers.IntegerField(help_text="Who is in its circle now.")
    actives = serializers.IntegerField(
        allow_null=True,
        help_text="Of them those active on one of the last 28 complete days; null for fewer than five members.",
    )
    held = serializers.IntegerField(help_text="Gatherings that took place.")
    to_come = serializers.IntegerField(help_text="Gatherings to come that the caller may see.")
    mean_came = serializers.FloatField(
        allow_null=True, help_text="Members at one gathering, of those where who came was written down."
    )


class ChapterShape(Shape):
    """A circle of people who live near each other."""

    sparse = True

    circle = serializers.CharField(source="circle.slug", help_text="The address of its circle.")
    name = serializers.CharField(source="circle.name")
    city = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters.")
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    founded_at = Moment()
    hosts = serializers.ListField(
        child=serializers.IntegerField(),
        source="host_numbers",
        help_text="Numbers of the members who look after it.",
    )
    figures = ChapterFigures()
    next = serializers.UUIDField(
        source="next_key", allow_null=True, help_text="Its next gathering that the caller may see."
    )


ChapterPage = page_of(ChapterShape, "ChapterPage")


class SuggestedHost(Shape):
    """A member who could look after a chapter, and why."""

    member = serializers.IntegerField(source="member.number")
    held = serializers.IntegerField(help_text="Gatherings they held.")
    came = serializers.IntegerField(help_text="Gatherings they came to.")
    wrote = serializers.IntegerField(help_text="Answers they wrote.")


class SuggestedChapterShape(Shape):
    """A city near which five members or more live, and no chapter is."""

    city = serializers.CharField(source="town.name")
    latitude = serializers.FloatField(source="town.latitude")
    longitude = serializers.FloatField(source="town.longitude")
    members = serializers.IntegerField(help_text="Who lives within 30 km.")
    hosts = SuggestedHost(many=True, help_text="The likeliest first.")


class SuggestedChapters(Shape):
    """Where there could be a chapter, the most members first."""

    results = SuggestedChapterShape(many=True)


class NewChapter(Body):
    """A chapter to found."""

    city = Text(max_length=80, help_text="In any language.")
    country = Text(required=False, max_length=120, allow_blank=True, help_text="Which of several of a name.")
    circle = Text(
        required=False,
        allow_null=True,
        max_length=80,
        help_text="The address of a circle; a new one without.",
    )
    hosts = serializers.ListField(
        child=Whole(min_value=1, max_value=2**31 - 1),
        required=False,
        max_length=12,
        help_text="Numbers of members who look after it.",
    )


class ChaptersQuery(PageQuery, SparseQuery):
    pass


class Chapters(ApiView):
    tag = "chapters"

    @operation("list_chapters", "List chapters", answers={200: ChapterPage}, query=ChaptersQuery)
    def get(self, request: Request) -> Response:
        """The chapters whose circles the caller may see, by city, with their figures."""
        asked: Any = request
        page = pages.page(
            request,
            near.shown(asked).select_related("circle"),
            order=BY_CITY,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        _fill(page.rows, asked)
        return Response(page.answer(ChapterShape(page.rows, many=True, only=self.only).data))

    @operation(
        "found_chapter",
        "Found a chapter",
        answers={201: ChapterShape},
        needs=chapters.MANAGE,
        body=NewChapter,
        query=SparseQuery,
        refuses=(422,),
        example={"city": "Basel", "country": "CH"},
    )
    def post(self, request: Request) -> Response:
        """Found a chapter around a city, on a circle that is there or with a new one. Refused with `unknown_city` for a city
        that the list of places does not know."""
        asked: Any = request
        given = self.read_body()
        given["hosts"] = [told.member(request, number, "hosts") for number in given.pop("hosts", [])]
        if given.get("circle") is not None:
            given["circle"] = told.circle(talk.read_by_caller(request), given["circle"])
        made = chapters.found(community=asked.community, at=now(), by=Actor.of_request(asked), **given)
        names = {"community_slug": asked.community.slug, "circle_slug": made.circle.slug}
        place = request.build_absolute_uri(reverse("api:chapter", kwargs=names))
        _fill([made], asked)
        shape = ChapterShape(made, context=self.get_context())
        return Response(shape.data, status=201, headers={"Location": place})


class OneChapter(ApiView):
    tag = "chapters"
    places = CHAPTER

    @operation("read_chapter", "Read a chapter", answers={200: ChapterShape}, query=SparseQuery)
    def get(self, request: Request, circle_slug: str) -> Response:
        """One chapter with its figures; 404 where the caller may not see its circle."""
        asked: Any = request
        row = get_object_or_404(near.shown(asked).select_related("circle"), circle__slug=circle_slug)
        _fill([row], asked)
        return Response(ChapterShape(row, context=self.get_context()).data)


class ChapterSuggestions(ApiView):
    tag = "chapters"

    @operation(
        "suggest_chapters",
        "Where there could be chapters",
        answers={200: SuggestedChapters},
        needs=chapters.MANAGE,
    )
    def get(self, request: Request) -> Response:
        """Cities near which five members or more live and no chapter is, with who could look after one. Of fewer nobody is
        told where they live."""
        asked: Any = request
        return Response(SuggestedChapters({"results": near.suggestions(asked.community, now())}).data)


def _fill(rows: Sequence[Any], request: Any) -> None:
    chapter_figures.fill(rows, request, now())
    for row in rows:
        row.host_numbers = [host.number for host in row.hosts]
        row.next_key = row.next.key if row.next else None
