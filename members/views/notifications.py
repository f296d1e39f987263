"""What a person is told in the page, and what they want to be told at all."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from kernel.clock import now
from kernel.doors import SignedIn
from kernel.errors import Refused
from members.forms.me import QuietForm
from members.selectors import mail
from members.services import hours, notifications, preferences
from members.views.me import person

#: The status by which htmx ends its asking.
NO_MORE = 286


class Wishes(SignedIn, View):
    """Every kind in every community: at once, once a day or not; one form a community, and one for quiet hours."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, QuietForm(initial=_quiet(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "quiet" in request.POST:
            return self._keep_quiet(request)
        memberships = mail.memberships_of(person(request).pk)
        membership = memberships.filter(community__slug=request.POST.get("community", "")).first()
        if membership is None:
            raise Http404
        if "none" in request.POST:
            preferences.silence(membership=membership, at=now())
        else:
            daily = request.POST.getlist("daily")
            wanted = {channel: request.POST.getlist(channel) for channel in preferences.Channel.values}
            wanted[preferences.Channel.MAIL] += daily
            preferences.choose(membership=membership, wanted=wanted, daily=daily, at=now())
        messages.success(request, _("Saved for %(community)s.") % {"community": membership.community})
        return redirect("members:notifications")

    def _keep_quiet(self, request: HttpRequest) -> HttpResponse:
        form = QuietForm(request.POST)
        if form.is_valid():
            try:
                hours.keep_quiet(user=person(request), **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field or None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("members:notifications")
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: QuietForm) -> HttpResponse:
        context = {"wishes": mail.wishes_of_person(person(request).pk), "form": form}
        return render(request, "members/me/notifications.html", context)


class Notices(SignedIn, View):
    """What a person was told, the latest first: of all communities or of one (`?community=`), all of it or what is unread
    (`?show=unread`). POST marks as read. An open page asks for what is new; where nothing is it gets an empty answer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, request.GET.get("community", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        slug = request.POST.get("community", "")
        notifications.mark_read(user_id=person(request).pk, at=now(), slug=slug)
        if request.headers.get("HX-Request"):
            return self._page(request, slug)
        return redirect(request.get_full_path())

    def _page(self, request: HttpRequest, slug: str) -> HttpResponse:
        user, cursor, fresh = person(request), request.GET.get("at", ""), request.GET.get("show") == "unread"
        page = mail.notices(user.pk, slug=slug, fresh=fresh, cursor=cursor)
        state = _state(str(notice) for notice in page.rows)
        part = request.headers.get("HX-Request")
        if part and request.GET.get("had") == state:
            return HttpResponse(status=204)
        context: dict[str, Any] = {
            "page": page,
            "unread": mail.unread(user.pk, slug=slug),
            "state": "" if cursor else state,
            "slug": slug,
            "fresh": fresh,
        }
        if part:
            return render(request, "members/me/_notices.html", context)
        context["memberships"] = list(mail.memberships_of(user.pk))
        return render(request, "members/me/notices.html", context)


class OpenNotice(SignedIn, View):
    """Go where a notice leads, having read it. By POST: a link that is opened by a machine reads nothing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, notice_id: UUID) -> HttpResponse:
        url = mail.notice_url(person(request).pk, notice_id)
        if url is None:
            raise Http404
        notifications.mark_read(user_id=person(request).pk, at=now(), notification_id=notice_id)
        here = url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return redirect(url if url and here else "members:notices")


class Bell(SignedIn, View):
    """The bell of the page's head, asked for by the page itself so that no page waits for it, and again while it is looked
    at. Nothing is sent where nothing has changed; a page whose person has signed out meanwhile is told to ask no more."""

    http_method_names = ["get", "head"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get("HX-Request") and not request.user.is_authenticated:
            return HttpResponse(status=NO_MORE, headers={"HX-Reswap": "none"})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        unread = mail.unread(person(request).pk)
        headers = {"ETag": f'"{_state([str(unread)])}"', "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return HttpResponse(status=304, headers=headers)
        answer = render(request, "members/me/_bell.html", {"unread": unread})
        for name, value in headers.items():
            answer[name] = value
        return answer


def _quiet(request: HttpRequest) -> dict[str, Any]:
    quiet = mail.quiet_hours(person(request).pk)
    return {"begins": quiet.begins, "ends": quiet.ends, "timezone": quiet.timezone} if quiet else {}


def _state(parts: Iterable[str]) -> str:
    """A short name of what is shown, in the language in force."""
    shown = "\n".join([get_language() or "", *parts])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
