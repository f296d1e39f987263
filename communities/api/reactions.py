"""Reactions to posts and comments: read by whoever reads those, given by people in the browser."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles, talk
from communities.api.reaction_shapes import React, ReactionPage, ReactionShape, ReactionsShape
from communities.models import Comment, Post
from communities.selectors import reactions as seen
from communities.services import reactions
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.views import ApiView
from kernel.clock import now

EXAMPLE = {"emoji": "👍"}


class _Reactions(ApiView):
    tag = "posts"

    def page(self, request: Request, thing: Post | Comment) -> Response:
        rows = seen.to(thing) if thing.is_there else seen.to(thing).none()
        page = pages.page(
            request, rows, order=seen.LATEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(ReactionShape(page.rows, many=True).data))

    def tap(self, request: Request, thing: Post | Comment) -> Response:
        member, given = circles.person(request), self.read_body()
        told: dict[str, Any] = {"on": thing, "member": member, "emoji": given["emoji"], "at": now()}
        if given["act"] == "take":
            reactions.take(**told)
        else:
            reactions.give(**told)
        seen.fill([thing], request.community, member, named=False)  # type: ignore[attr-defined]
        return self.one(ReactionsShape(thing))


class PostReactions(_Reactions):
    places = talk.POST

    @operation(
        "list_post_reactions", "List reactions to a post", answers={200: ReactionPage}, query=PageQuery
    )
    def get(self, request: Request, post_key: UUID) -> Response:
        """Who reacted to a post, and how, the latest first."""
        return self.page(request, talk.find_post(request, post_key))

    @operation(
        "react_to_post",
        "React to a post",
        answers={200: ReactionsShape},
        body=React,
        refuses=(422,),
        example=EXAMPLE,
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Give one of the community's reactions to a post of somebody else's, or take it back, as the person who asks
        in the browser."""
        return self.tap(request, talk.find_post(request, post_key))


class CommentReactions(_Reactions):
    places = talk.COMMENT

    @operation(
        "list_comment_reactions",
        "List reactions to a comment",
        answers={200: ReactionPage},
        query=PageQuery,
    )
    def get(self, request: Request, comment_key: UUID) -> Response:
        """Who reacted to a comment, and how, the latest first."""
        return self.page(request, talk.find_comment(request, comment_key))

    @operation(
        "react_to_comment",
        "React to a comment",
        answers={200: ReactionsShape},
        body=React,
        refuses=(422,),
        example=EXAMPLE,
    )
    def post(self, request: Request, comment_key: UUID) -> Response:
        """Give one of the community's reactions to a comment of somebody else's, or take it back, as the person who asks
        in the browser."""
        return self.tap(request, talk.find_comment(request, comment_key))
