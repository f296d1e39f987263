"""Drafts by the API: of the person who asks, and nobody else's business."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.file_shapes import FileShape
from communities.api.poll_shapes import DraftPollBody, DraftPollShape
from communities.models import Circle, Comment, Draft, Post
from communities.models.post import LONGEST
from communities.selectors import attached
from communities.selectors import drafts as kept
from communities.services import drafts
from communities.services.drafts import Place
from kernel import access
from kernel.api import pages
from kernel.api.fields import Flag, Moment, Text, Whole
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from members.models import Membership

KEY = {"draft_key": "The draft's id."}
SAID = ("title", "body", "poll")


class DraftShape(Shape):
    """What one is writing and has not published."""

    sparse = True

    id = serializers.UUIDField(source="key")
    circle = serializers.CharField(
        source="circle.slug", allow_null=True, default=None, help_text="The circle of a new post."
    )
    post = serializers.UUIDField(
        source="post.key", allow_null=True, default=None, help_text="The post that is answered or changed."
    )
    comment = serializers.UUIDField(
        source="comment.key", allow_null=True, default=None, help_text="The comment that is."
    )
    changes = serializers.BooleanField(
        source="is_change", help_text="Whether it changes what is published already."
    )
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown, as it was written.")
    poll = serializers.SerializerMethodField(
        help_text="Its poll as it was typed; null where none is written."
    )
    version = serializers.IntegerField(
        help_text="How often it was saved: to be sent with what is saved next."
    )
    saved_at = Moment()
    files = FileShape(source="attached", many=True, help_text="The pictures and files that go with it.")

    @extend_schema_field(DraftPollShape(allow_null=True))
    def get_poll(self, draft: Draft) -> dict[str, object] | None:
        return draft.poll or None


DraftPage = page_of(DraftShape, "DraftPage")


class DraftBody(Body):
    """What is being written, and where: `circle` for a new post, `post` (and `comment`) for what is answered or changed."""

    circle = Text(required=False, max_length=80)
    post = serializers.UUIDField(required=False)
    comment = serializers.UUIDField(required=False)
    changes = Flag(required=False, help_text="Whether the post or comment is to say something else.")
    title = Text(required=False, max_length=160, allow_blank=True)
    body = Text(max_length=LONGEST, allow_blank=True, trim_whitespace=False)
    poll = DraftPollBody(
        required=False,
        allow_null=True,
        help_text="Of a post; null for none. What was kept of it stays where this is left out.",
    )
    version = Whole(required=False, help_text="Of the draft that one began from; 0, or nothing, for none.")


class DraftsQuery(PageQuery, SparseQuery):
    pass


class Drafts(ApiView):
    tag = "drafts"

    @operation("list_drafts", "List drafts", answers={200: DraftPage}, query=DraftsQuery)
    def get(self, request: Request) -> Response:
        """The drafts of the person who asks in the browser, the last saved first."""
        page = pages.page(
            request,
            kept.of(circles.person(request)),
            order=kept.LAST_SAVED,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        attached.fill(page.rows)
        return Response(page.answer(DraftShape(page.rows, many=True, only=self.only).data))

    @operation(
        "save_draft",
        "Save a draft",
        answers={200: DraftShape},
        body=DraftBody,
        query=SparseQuery,
        refuses=(422,),
        example={"circle": "bookbinding", "body": "Which paper", "version": 0},
    )
    def post(self, request: Request) -> Response:
        """Keep what the person who asks in the browser is writing. There is one draft for each place; where it was saved
        elsewhere since `version`, the answer is 422 with the code `changed`, and nothing is lost."""
        author, given = circles.person(request), self.read_body()
        told: dict[str, Any] = {name: given[name] for name in SAID if name in given}
        if "poll" in told:
            told["poll"] = told["poll"] or {}
        place = _place(request, author, given)
        draft = drafts.save(place=place, author=author, version=given.get("version", 0), at=now(), **told)
        if draft is None:
            raise Refused(_("There is nothing to be kept."), code="length", field="body")
        return self.one(DraftShape(_draft(request, draft.key)))


class OneDraft(ApiView):
    tag = "drafts"
    places = KEY

    @operation("read_draft", "Read a draft", answers={200: DraftShape}, query=SparseQuery)
    def get(self, request: Request, draft_key: UUID) -> Response:
        """One draft of the person who asks; 404 for anybody else's."""
        return self.one(DraftShape(_draft(request, draft_key)))

    @operation("throw_draft_away", "Throw a draft away", answers={204: None})
    def delete(self, request: Request, draft_key: UUID) -> Response:
        """Let a draft of the person who asks be gone."""
        drafts.throw_away(draft=_draft(request, draft_key), author=circles.person(request))
        return Response(status=204)


def _draft(request: Request, key: UUID) -> Draft:
    member: Membership | None = request.membership  # type: ignore[attr-defined]
    found = kept.of(member).filter(key=key).first() if member else None
    if found is None:
        raise Http404
    return found


def _place(request: Request, author: Membership, given: dict[str, Any]) -> Place:
    """Where it is being written. Raises `Refused` with the field that names nothing the author reads."""
    if ("circle" in given) == ("post" in given):
        raise Refused(_("Name a circle or a post."), code="required", field="circle")
    community = author.community_id
    if "circle" in given:
        return drafts.new_post(_named(Circle.objects.of(community), author, "circle", slug=given["circle"]))
    post = _named(Post.objects.of(community), author, "post", key=given["post"])
    comment: Comment | None = None
    if "comment" in given:
        rows = Comment.objects.filter(post=post).select_related("post")
        comment = _named(rows, author, "comment", key=given["comment"])
    if not given.get("changes"):
        return drafts.answer(post, comment)
    written = comment or post
    if written.author_id != author.pk:
        raise Refused(
            _("Somebody else has written this."), code="not_yours", field="comment" if comment else "post"
        )
    return drafts.change(written)


def _named(rows: Any, author: Membership, field: str, **wanted: Any) -> Any:
    found = access.visible(rows, author).filter(**wanted).first()
    if found is None:
        raise Refused(_("There is no such thing here."), code="unknown", field=field)
    return found
