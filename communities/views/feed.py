"""What is written in circles, as a member reads it: the feed, and that all of it counts as read."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from communities.models import Circle
from communities.selectors import attached, mentions, reactions, unread
from communities.selectors import talk as seen
from communities.services import reading
from communities.views.plain import SeenAsMember
from kernel import access
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.tenancy import TenantRequest


class Feed(SeenAsMember, MembersOnly, View):
    """What is written in all circles that this member reads, or in their own, the newest first."""

    def get(self, request: TenantRequest) -> HttpResponse:
        mine, open_ones = request.GET.get("circles") == "mine", request.GET.get("show") == "questions"
        page = seen.latest(
            request.community, request.membership, request.GET.get("at", ""), mine=mine, unanswered=open_ones
        )
        unread.mark(page.rows, request.membership, now())
        reactions.fill(page.rows, request.community, request.membership, named=False)
        attached.fill(page.rows)
        mentions.fill(page.rows, request.community, request.membership)
        tabs = [
            (_("All circles"), request.path, not mine and not open_ones),
            (_("My circles"), "?circles=mine", mine),
            (_("Open questions"), "?show=questions", open_ones),
        ]
        context = {
            "community": request.community, "page": page, "mine": mine, "open_questions": open_ones, "tabs": tabs,
            "until": now(), "has_news": any(getattr(post, "news", None) for post in page.rows),
        }  # fmt: skip
        return render(request, "communities/talk/feed.html", context)


class ReadAll(MembersOnly, View):
    """Let all that was there when the page was opened count as read: in one's circles, or in one of them."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        slug, circle = request.POST.get("circle", "").replace("\x00", ""), None
        if slug:
            circle = access.find(Circle.objects.of(request.community.id), request, slug=slug)
        until = parsed(request.POST.get("until", ""), now())
        reading.read_all(membership=request.membership, circle=circle, until=until)
        messages.success(request, _("All of it counts as read now."))
        if circle is not None:
            return redirect("communities:circle_room", request.community.slug, circle.slug)
        return redirect("communities:feed", request.community.slug)


def parsed(until: str, at: datetime) -> datetime:
    """The instant that a page tells it was opened at; now, where it tells none, or a later one."""
    try:
        told = datetime.fromisoformat(until)
    except ValueError:
        return at
    return min(told, at) if told.tzinfo is not None else at
