"""Posts and comments: read by whoever reads their circle, written by people in the browser, kept in order by staff."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from communities import access as rules
from communities.api import circles
from communities.api.poll_shapes import Ballot
from communities.api.talk_shapes import (
    Acceptance,
    CommentChange,
    CommentOrder,
    CommentPage,
    CommentShape,
    NewComment,
    NewPost,
    Order,
    PostChange,
    PostPage,
    PostShape,
)
from communities.models import Circle, Comment, Post
from communities.selectors import attached, polls, reactions, talk
from communities.services import acceptances, comments, posts, votes
from communities.services.polls import Ask
from kernel import access
from kernel.api import etags, pages
from kernel.api.fields import Choice, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Within
from members.actors import Actor

POST = {"post_key": "The post's id."}
COMMENT = {"comment_key": "The comment's id."}


class PostsQuery(PageQuery, SparseQuery):
    circle = Text(required=False, max_length=80, help_text="The address of a circle.")
    questions = Choice(
        required=False, choices=["open", "answered"], help_text="Only questions: those, or these."
    )


class Posts(ApiView):
    tag = "posts"

    @operation("list_posts", "List posts", answers={200: PostPage}, query=PostsQuery)
    def get(self, request: Request) -> Response:
        """The posts in all circles that the caller reads, or in one, the newest first."""
        within = rules.read_by_caller(request)
        if "circle" in self.query:
            within = within.filter(slug=self.query["circle"])
        rows = Post.objects.filter(rules.kept_for_caller(request))
        if "questions" in self.query:
            is_open = self.query["questions"] == "open"
            rows = rows.open_questions() if is_open else rows.filter(accepted__isnull=False)
        page = pages.page(
            request,
            talk.posts(rows),
            order=talk.NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
            within=Within(within, "circle"),
        )
        attached.fill(page.rows)
        reactions.fill(page.rows, request.community, None, named=False)  # type: ignore[attr-defined]
        polls.fill(page.rows, request.membership, now())  # type: ignore[attr-defined]
        return Response(page.answer(PostShape(page.rows, many=True, only=self.only).data))


class CirclePosts(ApiView):
    tag = "posts"
    places = circles.SLUG

    @operation(
        "write_post",
        "Write a post",
        answers={201: PostShape},
        body=NewPost,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"title": "Which paper?", "body": "For a *first* book."},
    )
    def post(self, request: Request, circle_slug: str) -> Response:
        """Begin a thread in a circle that one is in, as the person who asks in the browser."""
        circle, author = circles.find(request, circle_slug), circles.person(request)
        given = self.read_body()
        poll = Ask(**given.pop("poll")) if "poll" in given else None
        made = posts.write(circle=circle, author=author, at=now(), poll=poll, **given)
        community = request.community  # type: ignore[attr-defined]
        place = reverse("api:post", kwargs={"community_slug": community.slug, "post_key": made.key})
        return self.one(
            PostShape(find_post(request, made.key)),
            status=201,
            headers={"Location": request.build_absolute_uri(place)},
        )


class OnePost(ApiView):
    tag = "posts"
    places = POST

    @operation("read_post", "Read a post", answers={200: PostShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, post_key: UUID) -> Response:
        """One post; 404 for one that the caller may not read."""
        return self.one(PostShape(find_post(request, post_key)))

    @operation(
        "change_post",
        "Change a post",
        answers={200: PostShape},
        body=PostChange,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"body": "For a *second* book."},
    )
    def patch(self, request: Request, post_key: UUID) -> Response:
        """Let a post of one's own say something else, as the person who asks in the browser. What it said is kept."""
        post = find_post(request, post_key)
        author, fields = circles.person(request), self.read_body()
        etags.require(request, etags.of(PostShape(post).data))
        told = {"title": post.title, "body": post.body} | fields
        posts.change(post=post, author=author, at=now(), **told)
        return self.one(PostShape(find_post(request, post_key)))

    @operation("take_post_back", "Take a post back", answers={204: None}, refuses=(422,))
    def delete(self, request: Request, post_key: UUID) -> Response:
        """Take a post of one's own back, as the person who asks in the browser: its words go."""
        posts.remove(post=find_post(request, post_key), author=circles.person(request), at=now())
        return Response(status=204)


class PostOrder(ApiView):
    tag = "posts"
    places = POST

    @operation(
        "keep_post_in_order",
        "Hide, close, pin or move a post",
        answers={200: PostShape},
        needs=posts.MODERATE,
        body=Order,
        query=SparseQuery,
        refuses=(422,),
        example={"act": "hide", "reason": "Not about books."},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Hide a post with a reason, show it again, close its thread with a reason or open it, pin it or not, move it with
        its thread to another circle for a reason."""
        post, given = find_post(request, post_key), self.read_body()
        told: dict[str, Any] = {"post": post, "at": now(), "by": Actor.of_request(request)}
        match given["act"]:
            case "hide":
                posts.hide(reason=given.get("reason", ""), **told)
            case "show":
                posts.show(**told)
            case "lock" | "unlock" as act:
                posts.lock(locks=act == "lock", reason=given.get("reason", ""), **told)
            case "move":
                rows = access.shown(Circle.objects.of(post.circle.community_id), request)
                to = rows.filter(slug=given.get("circle", "")).first()
                posts.move(to=to, reason=given.get("reason", ""), **told)
            case act:
                posts.pin(pins=act == "pin", **told)
        return self.one(PostShape(find_post(request, post_key)))


class AcceptedAnswer(ApiView):
    tag = "posts"
    places = POST

    @operation(
        "accept_answer",
        "Accept an answer",
        answers={200: PostShape},
        body=Acceptance,
        query=SparseQuery,
        refuses=(422,),
        example={"comment": "0b9d7c52-6a3f-4f0e-9f57-2c1c7a0f4f11"},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Accept one answer to a question, or take back that one was, as the person who asks in the browser: by who
        asked it and by who keeps order there."""
        post, by = find_post(request, post_key), Actor.of_request(request)
        circles.person(request)
        key = self.read_body()["comment"]
        if key is None:
            acceptances.take_back(post=post, at=now(), by=by)
        else:
            comment = _comments(request).filter(post=post, key=key).first()
            if comment is None:
                raise Refused(_("There is no such comment."), code="unknown", field="comment")
            acceptances.accept(comment=comment, at=now(), by=by)
        return self.one(PostShape(find_post(request, post_key)))


class Votes(ApiView):
    tag = "posts"
    places = POST

    @operation(
        "vote",
        "Vote in a poll",
        answers={200: PostShape},
        body=Ballot,
        query=SparseQuery,
        refuses=(422,),
        example={"options": [17]},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Vote in the poll of a post, as the person who asks in the browser, in place of what one voted before."""
        post, member = find_post(request, post_key), circles.person(request)
        votes.cast(post=post, member=member, options=self.read_body()["options"], at=now())
        return self.one(PostShape(find_post(request, post_key)))


class PollClosing(ApiView):
    tag = "posts"
    places = POST

    @operation("close_poll", "Close a poll", answers={200: PostShape}, query=SparseQuery, refuses=(422,))
    def post(self, request: Request, post_key: UUID) -> Response:
        """Take no more votes in the poll of a post of one's own, as the person who asks in the browser. The votes stand
        and are shown; it is not opened again."""
        post, author = find_post(request, post_key), circles.person(request)
        votes.close(post=post, author=author, at=now())
        return self.one(PostShape(find_post(request, post_key)))


class CommentsQuery(PageQuery, SparseQuery):
    pass


class Comments(ApiView):
    tag = "posts"
    places = POST

    @operation("list_comments", "List comments", answers={200: CommentPage}, query=CommentsQuery)
    def get(self, request: Request, post_key: UUID) -> Response:
        """The comments below a post, the oldest first."""
        rows = _comments(request).filter(post=find_post(request, post_key))
        page = pages.page(
            request, rows, order=talk.OLDEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        attached.fill(page.rows)
        reactions.fill(page.rows, request.community, None, named=False)  # type: ignore[attr-defined]
        return Response(page.answer(CommentShape(page.rows, many=True, only=self.only).data))

    @operation(
        "write_comment",
        "Write a comment",
        answers={201: CommentShape},
        body=NewComment,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"body": "Try **linen**."},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Answer a post or a comment below it, as the person who asks in the browser."""
        post, author, given = find_post(request, post_key), circles.person(request), self.read_body()
        key = given.pop("answers_to", None)
        parent = _comments(request).filter(post=post, key=key).first() if key else None
        if key and parent is None:
            raise Refused(_("There is no such comment."), code="unknown", field="answers_to")
        made = comments.write(post=post, author=author, parent=parent, at=now(), **given)
        community = request.community  # type: ignore[attr-defined]
        place = reverse("api:comment", kwargs={"community_slug": community.slug, "comment_key": made.key})
        return self.one(
            CommentShape(find_comment(request, made.key)),
            status=201,
            headers={"Location": request.build_absolute_uri(place)},
        )


class OneComment(ApiView):
    tag = "posts"
    places = COMMENT

    @operation("read_comment", "Read a comment", answers={200: CommentShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, comment_key: UUID) -> Response:
        """One comment; 404 for one below a post that the caller may not read."""
        return self.one(CommentShape(find_comment(request, comment_key)))

    @operation(
        "change_comment",
        "Change a comment",
        answers={200: CommentShape},
        body=CommentChange,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"body": "Try **silk**."},
    )
    def patch(self, request: Request, comment_key: UUID) -> Response:
        """Let a comment of one's own say something else, as the person who asks in the browser."""
        comment, author, given = find_comment(request, comment_key), circles.person(request), self.read_body()
        etags.require(request, etags.of(CommentShape(comment).data))
        comments.change(comment=comment, author=author, at=now(), **given)
        return self.one(CommentShape(find_comment(request, comment_key)))

    @operation("take_comment_back", "Take a comment back", answers={204: None}, refuses=(422,))
    def delete(self, request: Request, comment_key: UUID) -> Response:
        """Take a comment of one's own back, as the person who asks in the browser: its words go, its place stays."""
        comments.remove(comment=find_comment(request, comment_key), author=circles.person(request), at=now())
        return Response(status=204)


class CommentInOrder(ApiView):
    tag = "posts"
    places = COMMENT

    @operation(
        "keep_comment_in_order",
        "Hide a comment",
        answers={200: CommentShape},
        needs=posts.MODERATE,
        body=CommentOrder,
        query=SparseQuery,
        refuses=(422,),
        example={"act": "hide", "reason": "Unkind."},
    )
    def post(self, request: Request, comment_key: UUID) -> Response:
        """Hide a comment with a reason, or show it again."""
        comment, given = find_comment(request, comment_key), self.read_body()
        told: dict[str, Any] = {"comment": comment, "at": now(), "by": Actor.of_request(request)}
        if given["act"] == "hide":
            comments.hide(reason=given.get("reason", ""), **told)
        else:
            comments.show(**told)
        return self.one(CommentShape(find_comment(request, comment_key)))


def _posts(request: Request) -> Any:
    rows = talk.posts(access.shown(Post.objects.of(request.community.id), request))  # type: ignore[attr-defined]
    return rows.select_related("accepted")


def find_post(request: Request, key: UUID) -> Post:
    """The post as the API shows it. Raises `Http404` for one that the caller may not read."""
    post: Post | None = _posts(request).filter(key=key).first()
    if post is None:
        raise Http404
    attached.fill([post])
    reactions.fill([post], request.community, None, named=False)  # type: ignore[attr-defined]
    polls.fill([post], request.membership, now())  # type: ignore[attr-defined]
    return post


def _comments(request: Request) -> Any:
    rows = access.shown(Comment.objects.of(request.community.id), request)  # type: ignore[attr-defined]
    return rows.select_related("author", "parent", "post__circle__community", "post__author")


def find_comment(request: Request, key: UUID) -> Comment:
    """The comment as the API shows it. Raises `Http404` for one below a post that the caller may not read."""
    comment: Comment | None = _comments(request).filter(key=key).first()
    if comment is None:
        raise Http404
    attached.fill([comment])
    reactions.fill([comment], request.community, None, named=False)  # type: ignore[attr-defined]
    return comment
