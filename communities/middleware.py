"""Which community a request is about, and who the person is there."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from communities.models import Community
from members.models import Membership


class TenancyMiddleware:
    """Resolve `community_slug` of an address once, to `request.community` and `request.membership`.

    A private community does not exist for people it has not let in; a program's key is checked later, by
    the API, against this same community.
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
    ) -> None:
        slug = kwargs.pop("community_slug", None)
        if slug is None:
            return
        # The API asks for a key first, so that no address tells a stranger whether it exists.
        answers_itself = getattr(getattr(view, "cls", None), "refuses_strangers", False)
        community = Community.objects.filter(slug=slug).first()
        if community is None:
            if answers_itself:
                return
            raise Http404
        request.community = community  # type: ignore[attr-defined]
        request.membership = self._membership(request, community)  # type: ignore[attr-defined]
        if not answers_itself and self._is_hidden(request, community):
            raise Http404
        if not request.path.startswith("/api/"):
            # Pages write and read times by the community's clock; programs keep to UTC.
            timezone.activate(community.zone)

    @staticmethod
    def _is_hidden(request: HttpRequest, community: Community) -> bool:
        """Whether the community does not exist for this person, whatever they try.

        Who has not signed in may still be a member: to read, they are sent to the door by the page itself.
        """
        if community.visibility != Community.Visibility.PRIVATE:
            return False
        membership = request.membership  # type: ignore[attr-defined]
        stranger = membership is None or not membership.is_admitted
        return stranger and (request.user.is_authenticated or request.method not in ("GET", "HEAD"))

    @staticmethod
    def _membership(request: HttpRequest, community: Community) -> Membership | None:
        if not request.user.is_authenticated:
            return None
        membership = (
            Membership.objects.of(community.id)
            .filter(user_id=request.user.pk)
            .select_related("tier", "user")
            .first()
        )
        if membership is not None:
            membership.community = community
        return membership
