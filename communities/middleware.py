"""Which community a request is about, and who the person is there."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from communities.models import Community, Measure
from kernel import places
from kernel.clock import now
from members.models import Membership
from members.roles import NOT_JOINED
from members.services import invitations

#: What of a private community those see who are on their way in.
DOOR = {"communities:home", "communities:join", "commerce:plans", "commerce:dues"}
#: Whoever holds the code of one of these has been asked in by a member: a code that leads nowhere is not found there,
#: as everything is in a community that there is not.
BY_CODE = {"commerce:take_seat", "commerce:gift"}
#: And those to whom something was done there, though they are let in no more.
RECORD = {"communities:record", "communities:appeal"}


class TenancyMiddleware:
    """Resolve `community_slug` of an address once, to `request.community` and `request.membership`.

    A private community does not exist for people it has not let in: its addresses answer as unknown ones do.
    Whoever has not signed in may be a member of either, so to read on they sign in first. A program's key is
    checked later, by the API, against this same community.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.community = None  # type: ignore[attr-defined]
        request.membership = None  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        slug = kwargs.pop("community_slug", None)
        if slug is None:
            return None
        # The API asks for a key first, so that no address tells a stranger whether it exists.
        answers_itself = getattr(getattr(view, "cls", None), "refuses_strangers", False)
        membership = self._membership(request, slug)
        community = membership.community if membership else Community.objects.filter(slug=slug).first()
        hidden = not answers_itself and self._is_hidden(community, membership)
        if hidden and not self._is_invited(request, community, membership):
            if request.user.is_authenticated or request.method not in ("GET", "HEAD"):
                raise Http404
            return redirect_to_login(request.get_full_path())
        request.community = community  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        if community is not None and not request.path.startswith("/api/"):
            # Pages write and read times by the community's clock; programs keep to UTC.
            timezone.activate(community.zone)
        return None

    @staticmethod
    def _is_hidden(community: Community | None, membership: Membership | None) -> bool:
        """Whether, for this person, there is no such community."""
        if community is None:
            return True
        private = community.visibility == Community.Visibility.PRIVATE
        return private and not (membership and membership.is_admitted)

    @staticmethod
    def _is_invited(request: HttpRequest, community: Community | None, membership: Membership | None) -> bool:
        """Whether they are on their way in: to the invited, and to who has applied, the door shows itself."""
        match = request.resolver_match
        if community is None or match is None:
            return False
        if match.view_name in BY_CODE:
            return True
        if not request.user.is_authenticated:
            return False
        if match.view_name in RECORD and membership is not None:
            return Measure.objects.filter(membership=membership).exists()
        if match.view_name not in DOOR:
            return False
        if membership is not None:
            return membership.status in NOT_JOINED
        claim = invitations.claimed(user=request.user, community=community, at=now())
        return claim is not None and claim.invitation is not None

    @staticmethod
    def _membership(request: HttpRequest, slug: str) -> Membership | None:
        """With the community and, for pages, what is in its rooms, in one query: nearly whoever asks is a member."""
        if not request.user.is_authenticated:
            return None
        rows = Membership.objects.filter(user_id=request.user.pk, community__slug=slug)
        if not request.path.startswith("/api/"):
            rows = rows.annotate(**places.fillings())
        membership = rows.select_related("community", "tier").first()
        if membership is not None:
            # Who asks has been read already: another thirty columns would take their time on every page.
            membership.user = request.user
        return membership
