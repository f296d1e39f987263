"""A community from the outside, and its home for those who belong."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_GET

from communities.models import Community, Measure
from communities.selectors import face, unread
from communities.services import joining
from kernel import markdown, slots
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.roles import GONE, Status
from members.services import invitations, standing


@require_GET
def home(request: TenantRequest) -> HttpResponse:
    """The community's face; to its members, their home."""
    community, membership = request.community, request.membership
    inside = membership is not None and membership.is_admitted
    shown = face.of(community, membership)
    if inside:
        unread.mark_circles(shown.circles, membership, now())
    context = {
        "community": community,
        "membership": membership,
        "inside": inside,
        "face": shown,
        "door": "" if inside else _door(request),
        "description": markdown.render(community.description) if community.description else "",
        "parts": slots.render("home.main" if inside else "face.aside", request, membership),
    }
    return render(request, "communities/home.html" if inside else "communities/face.html", context)


def _door(request: TenantRequest) -> str:
    """The way in as this visitor finds it: join, apply, see where an application stands or why
    one is let in no more, or "" for a closed one."""
    community, membership = request.community, request.membership
    if membership is not None and membership.status in joining.ON_THE_WAY:
        return "standing"
    if membership is not None and membership.status in GONE - {Status.LEFT}:
        return "record" if Measure.objects.filter(membership=membership).exists() else ""
    if community.approved_at is None:
        return ""
    if community.join_policy == Community.JoinPolicy.APPLICATION:
        return "apply"
    if community.join_policy == Community.JoinPolicy.OPEN or _is_invited(request):
        return "join"
    return ""


def _is_invited(request: TenantRequest) -> bool:
    if not request.user.is_authenticated:
        return False
    claim = invitations.claimed(user=request.user, community=request.community, at=now())
    return claim is not None and claim.invitation is not None


class Leave(MembersOnly, View):
    """Asks first, then ends the membership at its member's own wish."""

    def get(self, request: TenantRequest) -> HttpResponse:
        return render(request, "communities/leave.html", {"community": request.community})

    def post(self, request: TenantRequest) -> HttpResponse:
        try:
            standing.act(
                "leave",
                membership=request.membership,
                at=now(),
                by=Actor.of_request(request),
                reason=request.POST.get("reason", "").replace("\x00", "")[:240],
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("communities:home", request.community.slug)
        messages.success(request, _("You have left %(name)s.") % {"name": request.community.name})
        return redirect("communities:directory")
