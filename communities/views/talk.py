"""What members write: a thread, writing, changing and taking back, and what those do who keep order."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from communities import access as rules
from communities import emoji
from communities.models import Circle, Comment, Post
from communities.selectors import attached, mentions, moderation, polls, reactions, unread
from communities.selectors import talk as seen
from communities.services import acceptances, comments, drafts, measures, posts, reading
from communities.services.drafts import Place
from communities.talk_forms import CommentForm, NewPostForm, PostForm
from communities.views.plain import SeenAsMember
from communities.views.polls import WithPoll
from communities.views.writing import Writing
from kernel import access, markdown, opened
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership


class Write(MembersOnly, WithPoll):
    """Begin a thread in a circle that one is in."""

    template_name = "communities/talk/write.html"
    form_class = NewPostForm

    @cached_property
    def circle(self) -> Circle:
        rows = Circle.objects.of(self.request.community.id).select_related("minimum_tier")
        return access.find(rows, self.request, slug=self.kwargs["circle_slug"])

    @property
    def place(self) -> Place:
        return drafts.new_post(self.circle)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {"community": self.request.community, "circle": self.circle}
        return super().get_context_data(
            muted=measures.muted(self.request.membership, now()), **told, **kwargs
        )

    def form_valid(self, form: NewPostForm) -> HttpResponse:
        try:
            post = posts.write(
                circle=self.circle,
                author=self.request.membership,
                at=now(),
                poll=self.poll() if self.poll_form and self.poll_form.is_bound else None,
                draft=self.version,
                **form.cleaned_data,
            )
        except Refused as refusal:
            return self.refuse(form, refusal)
        return redirect("communities:post", self.request.community.slug, post.key)


class _Post(MembersOnly):
    """For who may read the post; to everyone else it does not exist."""

    kwargs: dict[str, Any]

    @cached_property
    def post_(self) -> Post:
        return access.find(self.rows(), self.request, key=self.kwargs["post_key"])

    def rows(self) -> QuerySet[Post]:
        """The posts of the community with all that the page shows of one."""
        return seen.posts(Post.objects.of(self.request.community.id))

    def back(self) -> HttpResponse:
        return redirect("communities:post", self.request.community.slug, self.post_.key)


class Thread(SeenAsMember, _Post, Writing):
    """A post, what was answered to it, and the form to answer."""

    template_name = "communities/talk/thread.html"
    form_class = CommentForm

    def rows(self) -> QuerySet[Post]:
        """With the page on which the comment stands that is asked for or answered, or the first that is new."""
        viewer, key = self.request.membership, self._asked
        comments = Comment.objects.filter(post=OuterRef("pk"), key=key) if key else unread.new_below(viewer)
        return seen.whole(unread.with_marks(super().rows(), viewer, now()), comments)

    @property
    def _asked(self) -> UUID | None:
        return _key(self.request.GET.get("comment", "")) or _key(self.request.GET.get("to", ""))

    @property
    def place(self) -> Place:
        return drafts.answer(self.post_, self._answered)

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | ({"parent": self._answered.key} if self._answered else {})

    @cached_property
    def _answered(self) -> Comment | None:
        """The comment that is to be answered, by its key in the address."""
        key = _key(self.request.GET.get("to", ""))
        rows = Comment.objects.filter(post=self.post_, removed_at=None, hidden_at=None)
        return rows.select_related("author").filter(key=key).first() if key else None

    @cached_property
    def thread(self) -> seen.Thread:
        """The page that is asked for: by its number, by a comment on it, or the one with the first comment that is new."""
        post = self.post_
        number = self.request.GET.get("page") or (seen.number_of(post) if self._asked or self.news else 1)
        return seen.thread(post, number, self.news, self.request.membership)

    @cached_property
    def news(self) -> unread.News | None:
        return unread.of_post(self.post_, self.request.membership)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if opened.by_person(request):
            reading.read_page(
                post=self.post_,
                membership=self.request.membership,
                until=self.thread.until,
                is_last=not self.thread.page.has_next(),
            )
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post, viewer = self.post_, self.request.membership
        place, muted = moderation.place(post.circle, viewer, now())
        comments, accepted = self.thread.comments, self.thread.accepted
        reactions.fill([post, *comments], self.request.community, viewer)
        beside = [accepted.comment if accepted else None, self.draft]
        # Of what is answered from another page the beginning of its words is shown.
        beside += [one.comment.parent for one in self.thread.answers if one.apart]
        attached.fill([post, *comments, *(one for one in beside if one)])
        polls.fill([post], viewer, now())
        takes_part = muted is None and reactions.takes_part(viewer, post)
        moderates = rules.moderates_at(viewer, place)
        return super().get_context_data(
            community=self.request.community,
            post=post,
            html=markdown.render(post.body, post.people),
            thread=self.thread,
            news=self.news,
            accepts=acceptances.may(viewer, post, moderates=moderates),
            kinds=emoji.of(self.request.community) if takes_part else [],
            votes=takes_part,
            answered=self._answered,
            moderates=moderates,
            muted=muted,
            writes=muted is None and place is not None and _takes_answers(viewer, post),
            **kwargs,
        )

    def form_valid(self, form: CommentForm) -> HttpResponse:
        key = form.cleaned_data["parent"]
        parent = Comment.objects.filter(post=self.post_, key=key).first() if key else None
        try:
            comment = comments.write(
                post=self.post_,
                author=self.request.membership,
                body=form.cleaned_data["body"],
                parent=parent,
                at=now(),
                draft=self.version,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        place = reverse("communities:post", args=[self.request.community.slug, self.post_.key])
        return redirect(f"{place}?comment={comment.key}#comment-{comment.key}")


class ChangePost(_Post, WithPoll):
    """Let a post of one's own say something else."""

    template_name = "communities/talk/change.html"
    form_class = PostForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _theirs(self)
        return super().dispatch(request, *args, **kwargs)

    @property
    def written(self) -> Post:
        return self.post_

    @property
    def place(self) -> Place:
        return drafts.change(self.post_)

    def get_initial(self) -> dict[str, Any]:
        body = mentions.for_writing(self.post_, self.request.community, self.request.membership)
        return {"title": self.post_.title, "body": body} | super().get_initial()

    def poll_values(self) -> dict[str, object] | None:
        return polls.form_values(self.post_, now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(community=self.request.community, post=self.post_, **kwargs)

    def form_valid(self, form: PostForm) -> HttpResponse:
        try:
            posts.change(
                post=self.post_,
                author=self.request.membership,
                at=now(),
                poll=self.poll(),
                draft=self.version,
                drop=self.drop,
                **form.cleaned_data,
            )
        except Refused as refusal:
            return self.refuse(form, refusal)
        return self.back()


class ActOnPost(_Post, View):
    """Take one's own post back; or hide, show, close, open, pin it, for those who keep order."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, post_key: Any) -> HttpResponse:
        act, reason, post = request.POST.get("act"), request.POST.get("reason", ""), self.post_
        told: dict[str, Any] = {"post": post, "at": now(), "by": Actor.of_request(request)}
        try:
            if act == "remove":
                posts.remove(post=post, author=request.membership, at=now())
                messages.success(request, _("Your post is taken back."))
                return redirect("communities:circle_room", request.community.slug, post.circle.slug)
            if act == "hide":
                posts.hide(reason=reason, **told)
            elif act == "show":
                posts.show(**told)
            elif act in ("lock", "unlock"):
                posts.lock(locks=act == "lock", reason=reason, **told)
            elif act in ("pin", "unpin"):
                posts.pin(pins=act == "pin", **told)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back()


class _Comment(MembersOnly):
    kwargs: dict[str, Any]

    @cached_property
    def comment(self) -> Comment:
        rows = Comment.objects.of(self.request.community.id).filter(removed_at=None)
        rows = rows.select_related("author", "post__circle__community", "post__author")
        return access.find(rows, self.request, key=self.kwargs["comment_key"])

    def back(self) -> HttpResponse:
        place = reverse("communities:post", args=[self.request.community.slug, self.comment.post.key])
        return redirect(f"{place}?comment={self.comment.key}#comment-{self.comment.key}")


class ChangeComment(_Comment, Writing):
    """Let a comment of one's own say something else."""

    template_name = "communities/talk/change.html"
    form_class = CommentForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _theirs(self)
        return super().dispatch(request, *args, **kwargs)

    @property
    def written(self) -> Comment:
        return self.comment

    @property
    def place(self) -> Place:
        return drafts.change(self.comment)

    def get_initial(self) -> dict[str, Any]:
        body = mentions.for_writing(self.comment, self.request.community, self.request.membership)
        return {"body": body} | super().get_initial()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(community=self.request.community, post=self.comment.post, **kwargs)

    def form_valid(self, form: CommentForm) -> HttpResponse:
        try:
            comments.change(
                comment=self.comment,
                author=self.request.membership,
                body=form.cleaned_data["body"],
                at=now(),
                draft=self.version,
                drop=self.drop,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return self.back()


class ActOnComment(_Comment, View):
    """Take one's own comment back; or hide it or show it again, for those who keep order."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, comment_key: Any) -> HttpResponse:
        act, comment = request.POST.get("act"), self.comment
        told: dict[str, Any] = {"comment": comment, "at": now(), "by": Actor.of_request(request)}
        try:
            if act == "remove":
                comments.remove(comment=comment, author=request.membership, at=now())
            elif act == "hide":
                comments.hide(reason=request.POST.get("reason", ""), **told)
            elif act == "show":
                comments.show(**told)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back()


def _key(told: str) -> UUID | None:
    try:
        return UUID(told)
    except ValueError:
        return None


def _theirs(view: Any) -> None:
    """Raises `PermissionDenied` for who has not written it, and `Http404` for who may not read it."""
    membership = getattr(view.request, "membership", None)
    if membership and membership.is_admitted and view.written.author_id != membership.pk:
        raise PermissionDenied


def _takes_answers(viewer: Membership, post: Post) -> bool:
    """Whether the viewer may answer once they are in the circle: is active, and the thread is open."""
    return viewer.is_counted and post.locked_at is None and post.is_there and post.circle.archived_at is None
