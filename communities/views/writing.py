"""Writing: what members write is kept until it is published, seen before it is, and found again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.models import Attachment, Comment, Draft, Post
from communities.models.post import LONGEST
from communities.selectors import attached
from communities.selectors import drafts as kept
from communities.services import attachments, drafts
from communities.services.drafts import Place
from kernel import access, markdown
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest

#: What a form says that is not to be published yet: saved by itself, or kept on purpose.
SAVE, KEEP = "save", "keep"
#: And what is done with its pictures and files, one of which is named behind a colon.
ATTACH, REMOVE, STEPS = "attach", "remove", {"earlier": -1, "later": 1}
ARRANGING = {ATTACH, REMOVE, *STEPS}


class Writing(FormView):
    """A form whose words are kept while they are written. A view says where that is (`place`)."""

    request: Any

    @property
    def place(self) -> Place:
        raise NotImplementedError

    @cached_property
    def draft(self) -> Draft | None:
        return drafts.at_place(self.place, self.request.membership)

    @property
    def version(self) -> int:
        """The version of the draft that the form began from."""
        told = self.request.POST.get("draft", "0")
        return int(told) if told.isdecimal() and len(told) < 9 else 0

    def get_initial(self) -> dict[str, Any]:
        draft = self.draft
        return super().get_initial() | ({"title": draft.title, "body": draft.body} if draft else {})

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["body"].widget.preview = reverse(
            "communities:preview", args=[self.request.community.slug]
        )
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        began_from = self.version if self.request.method == "POST" else 0
        version = began_from or (self.draft.version if self.draft and self.request.method != "POST" else 0)
        return super().get_context_data(
            draft=self.draft,
            place=self.place,
            version=version,
            published=self.written.attached if self.written else [],
            new_files=self.draft.attached if self.draft else [],
            most=attachments.MOST,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act, _colon, which = request.POST.get("act", "").partition(":")
        try:
            attachments.describe(rows=self._pictures(), said=_said(request.POST))
            self._bring()
            if act in ARRANGING:
                return self._arrange(act, which)
        except Refused as refusal:
            return self._refuse(refusal)
        if act == SAVE:
            return self._save()
        if act == KEEP:
            return self._keep()
        return super().post(request, *args, **kwargs)

    @property
    def written(self) -> Post | Comment | None:
        """What is published already and is to say something else."""
        return None

    @property
    def drop(self) -> list[UUID]:
        """The pictures and files that are to be taken from what is published."""
        return _keys(self.request.POST.getlist("drop"))

    def _pictures(self) -> list[Attachment]:
        if "pictures" not in self.request.POST:
            return []
        return [
            *(self.written.attached if self.written else ()),
            *(self.draft.attached if self.draft else ()),
        ]

    def _bring(self) -> None:
        """Keep the files that came with the form: they are not lost where the form is refused."""
        for sent in self.request.FILES.getlist("files"):
            attachments.keep(sent=sent, author=self.request.membership, place=self.place, at=now())
            self.__dict__.pop("draft", None)

    def _arrange(self, act: str, which: str) -> HttpResponse:
        draft = self.draft
        found = draft.attachments.filter(key__in=_keys([which])) if draft else Attachment.objects.none()
        if act == REMOVE:
            attachments.remove(found)
        elif act in STEPS and draft:
            attachments.move(draft=draft, keys=_keys([which]), step=STEPS[act])
        if self.request.POST.get("part"):
            return render(self.request, "communities/talk/_files.html", self.get_context_data())
        self._kept()
        return redirect(f"{self.request.get_full_path()}#files")

    def _refuse(self, refusal: Refused) -> HttpResponse:
        if self.request.POST.get("part") or self.request.POST.get("act") == SAVE:
            return JsonResponse({"told": str(refusal), "code": refusal.code}, status=422)
        form = self.get_form()
        form.full_clean()
        form.add_error(None, str(refusal))
        return self.render_to_response(self.get_context_data(form=form))

    def _save(self) -> HttpResponse:
        """What a page that saves by itself is told: the new version, or what stands against it."""
        try:
            draft = self._kept()
        except Refused as refusal:
            told: dict[str, Any] = {"told": str(refusal), "code": refusal.code}
            if refusal.code == "changed" and self.draft:
                told |= self.told(self.draft)
            return JsonResponse(told, status=409 if refusal.code in ("changed", "gone") else 422)
        if draft is None:
            return JsonResponse({"version": 0, "told": ""})
        time = f"{timezone.localtime(draft.saved_at):%H:%M}"
        return JsonResponse({"version": draft.version, "told": _("Saved %(time)s") % {"time": time}})

    def _keep(self) -> HttpResponse:
        try:
            draft = self._kept()
        except Refused as refusal:
            form = self.get_form()
            form.full_clean()
            form.add_error(None, str(refusal))
            # Both are on the page now: who keeps theirs once more knows what they do away with.
            return self.render_to_response(
                self.get_context_data(form=form, other=self.draft) | {"version": self._other_version()}
            )
        if draft is not None:
            messages.success(self.request, _("Kept among your drafts."))
        return redirect("communities:drafts", self.request.community.slug)

    def _kept(self) -> Draft | None:
        return drafts.save(
            place=self.place, author=self.request.membership, version=self.version, at=now(), **self.said()
        )

    def said(self) -> dict[str, Any]:
        """What the form says, to be kept."""
        return {name: self.request.POST.get(name, "") for name in ("title", "body")}

    def told(self, draft: Draft) -> dict[str, Any]:
        """What a page is told of a draft that another window has saved."""
        return {"version": draft.version, "title": draft.title, "body": draft.body}

    def _other_version(self) -> int:
        return self.draft.version if self.draft else 0


def _keys(told: list[str]) -> list[UUID]:
    found = []
    for one in told[: attachments.MOST]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def _said(given: QueryDict) -> dict[UUID, tuple[str, bool]]:
    """What the form says of its pictures, by their keys."""
    keys = _keys(given.getlist("pictures"))
    return {key: (given.get(f"alt-{key}", ""), f"decorative-{key}" in given) for key in keys}


class File(MembersOnly, View):
    """A picture or file of what is written, for those who may read that."""

    http_method_names = ["get", "head"]
    small = False

    def get(self, request: TenantRequest, file_key: UUID) -> HttpResponseBase:
        rows = Attachment.objects.of(request.community.id).select_related("post", "comment")
        return sent(request, access.find(rows, request, key=file_key), small=self.small)


def sent(request: HttpRequest, found: Attachment, *, small: bool = False) -> HttpResponseBase:
    """The stored bytes, from a place where nothing can run: pictures to be shown, all else as an attachment. A browser
    may keep them, and asks each time whether it still may show them."""
    file = found.small if small and found.small else found.file
    tag = f'"{str(file.name).rpartition("/")[2]}"'
    response: Any
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    elif not file.storage.exists(str(file.name)):
        raise Http404
    else:
        response = FileResponse(
            file.open("rb"),
            as_attachment=not found.is_picture,
            filename=found.name,
            content_type=found.media_type,
        )
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Preview(MembersOnly, View):
    """How a text will look, drawn as what is published is."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        html = markdown.render(request.POST.get("body", "")[:LONGEST])
        return render(request, "communities/talk/_preview.html", {"html": html})


class Drafts(MembersOnly, View):
    """What one is writing."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest) -> HttpResponse:
        mine = kept.listed(request.membership)
        attached.fill(mine)
        found = [(draft, address(draft, request.community.slug)) for draft in mine]
        context = {"community": request.community, "drafts": found}
        return render(request, "communities/talk/drafts.html", context)


class ThrowAway(MembersOnly, View):
    """Let a draft be gone."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, draft_key: UUID) -> HttpResponse:
        draft = kept.of(request.membership).filter(key=draft_key).first()
        if draft is None:
            raise Http404
        drafts.throw_away(draft=draft, author=request.membership)
        messages.success(request, _("The draft is thrown away."))
        if request.POST.get("from") == "form":
            return redirect(address(draft, request.community.slug))
        return redirect("communities:drafts", request.community.slug)


def address(draft: Draft, slug: str) -> str:
    """Where one goes on writing it."""
    if draft.circle:
        return reverse("communities:write_post", args=[slug, draft.circle.slug])
    if draft.is_change and draft.comment:
        return reverse("communities:change_comment", args=[slug, draft.comment.key])
    assert draft.post
    if draft.is_change:
        return reverse("communities:change_post", args=[slug, draft.post.key])
    to = f"?to={draft.comment.key}" if draft.comment else ""
    return reverse("communities:post", args=[slug, draft.post.key]) + to + "#answer"
