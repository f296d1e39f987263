"""One search over what is written, circles, gatherings and members."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import search
from kernel.api.fields import Choice, Moment, Text
from kernel.api.operations import operation
from kernel.api.pages import Marks
from kernel.api.queries import Query
from kernel.api.serializers import Shape
from kernel.api.views import ApiView

KINDS = ["members", "posts", "comments", "circles", "events"]


class HitShape(Shape):
    """What was found."""

    id = serializers.CharField(
        source="key",
        help_text="Of a post, comment or gathering its id, a circle's address, a member's number.",
    )
    url = serializers.CharField(help_text="Its page.")
    title = serializers.CharField(
        help_text="HTML, with the words that were found in `mark`. Of a comment that of its post."
    )
    excerpt = serializers.CharField(help_text="The text around the first of them, as HTML.")
    author = serializers.IntegerField(allow_null=True, help_text="The number of who wrote it, or who it is.")
    created_at = Moment(source="at", allow_null=True)
    circle = serializers.CharField(source="place", help_text="The name of the circle in which it lies.")
    hidden = serializers.BooleanField(help_text="Whether it is hidden from others.")


class FoundShape(Shape):
    """One page of what was found of a kind. Nobody is told how many there are."""

    results = HitShape(many=True)
    next = serializers.CharField(allow_null=True, help_text="The address of the next page.")


class SearchQuery(Query):
    q = Text(
        max_length=search.LONGEST, help_text="Words; a Latin one is looked for at the beginning of words."
    )
    kind = Choice(choices=KINDS, required=False, default="posts", help_text="What to look for.")
    circle = Text(required=False, max_length=80, help_text="The address of a circle, for posts and comments.")
    author = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="The number of who wrote it."
    )
    since = Moment(required=False, help_text="Written then or later.")
    until = Moment(required=False, help_text="Written then or earlier.")
    cursor = Text(required=False, help_text="Where the page begins: taken from `next`, never made up.")

    def validate_q(self, value: str) -> str:
        if not search.Asked(value).words:
            raise serializers.ValidationError(search.NO_WORDS)
        return value


class Search(ApiView):
    tag = "search"
    quota = "search"

    @operation("search", "Search", answers={200: FoundShape}, query=SearchQuery)
    def get(self, request: Request) -> Response:
        """Posts, comments, circles, gatherings or members in which every word of `q` is, of what the lists show to the caller. Of
        posts those come first whose title holds the words, then the newest; members are in the order of their names."""
        asked = search.Asked(
            self.query["q"],
            circle=self.query.get("circle", ""),
            author=self.query.get("author"),
            since=self.query.get("since"),
            until=self.query.get("until"),
        )
        kind = self.query["kind"]
        marks = Marks(request, f"search:{kind}")
        found = search.find(request, asked, key=kind, cursor=marks.read(self.query.get("cursor", "")))
        return self.one(FoundShape({"results": found.hits, "next": marks.address(found.after)}))
