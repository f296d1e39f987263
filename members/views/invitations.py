"""An invitation as those see it who were invited."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views import View

from kernel.clock import now
from members import invited
from members.models import Invitation, Membership
from members.selectors import invitations as found
from members.selectors.invitations import State
from members.services import invitations


class Open(View):
    """Who invites, to what, and one button. What was opened is remembered until it is known who opened it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        invitation = found.by_code(code)
        if invitation is None:
            return render(request, "members/invitations/unknown.html", status=404)
        state = found.state(invitation, now())
        membership = _membership(request, invitation)
        inside = membership is not None and membership.is_admitted
        if state == State.OPEN and not inside:
            if request.user.is_authenticated:
                invitations.attribute(user=request.user, invitation=invitation, at=now())
            else:
                invited.remember(request.session, invitation)
        context = {
            "invitation": invitation,
            "community": invitation.community,
            "inviter": invitation.inviter,
            "state": state,
            "inside": inside,
            "own": membership is not None and membership.pk == invitation.inviter_id,
            "next": _way_in(request, invitation),
        }
        return render(request, "members/invitations/open.html", context)


def _membership(request: HttpRequest, invitation: Invitation) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    return Membership.objects.of(invitation.community_id).filter(user=request.user).first()


def _way_in(request: HttpRequest, invitation: Invitation) -> str:
    """The joining page; for those who have no account yet, by way of making one."""
    community: Any = invitation.community
    join = reverse("communities:join", args=[community.slug])
    if request.user.is_authenticated:
        return join
    return f"{reverse('account_signup')}?{urlencode({'next': join})}"
