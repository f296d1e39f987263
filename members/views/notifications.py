"""What a person is told in the page, and what they want to be told at all."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from kernel.clock import now
from kernel.doors import SignedIn
from members.selectors import mail
from members.services import notifications, preferences
from members.views.me import person


class Wishes(SignedIn, View):
    """Every kind in every community, to be switched off and on; one form a community."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wishes = mail.wishes_of_person(person(request).pk)
        return render(request, "members/me/notifications.html", {"wishes": wishes})

    def post(self, request: HttpRequest) -> HttpResponse:
        memberships = mail.memberships_of(person(request).pk)
        membership = memberships.filter(community__slug=request.POST.get("community", "")).first()
        if membership is None:
            raise Http404
        if "none" in request.POST:
            preferences.silence(membership=membership, at=now())
        else:
            wanted = {channel: request.POST.getlist(channel) for channel in preferences.Channel.values}
            preferences.choose(membership=membership, wanted=wanted, at=now())
        messages.success(request, _("Saved for %(community)s.") % {"community": membership.community})
        return redirect("members:notifications")


class Notices(SignedIn, View):
    """The latest notices, of all communities or of one (`?community=`); POST marks them as read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, request.GET.get("community", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        slug = request.POST.get("community", "")
        notifications.mark_read(user_id=person(request).pk, at=now(), slug=slug)
        if request.headers.get("HX-Request"):
            return self._page(request, slug)
        return redirect(request.get_full_path())

    def _page(self, request: HttpRequest, slug: str) -> HttpResponse:
        notices = mail.notices(person(request).pk, slug=slug)
        context: dict[str, Any] = {
            "notices": notices,
            "unread": sum(notice.unread for notice in notices),
            "slug": slug,
            "memberships": list(mail.memberships_of(person(request).pk)),
        }
        part = request.headers.get("HX-Request")
        name = "members/me/_notices.html" if part else "members/me/notices.html"
        return render(request, name, context)


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
    """The bell of the page's head, asked for by the page itself so that no page waits for it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        answer = render(request, "members/me/_bell.html", {"unread": mail.unread(person(request).pk)})
        answer["Cache-Control"] = "private, no-store"
        return answer
