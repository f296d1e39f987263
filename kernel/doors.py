"""Who may open a page: mixins for class-based views, asked before anything is read."""

from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from kernel.errors import Refused


class SignedIn(AccessMixin):
    """For any person who has signed in; others are sent to do so and come back."""

    #: A `TenantRequest`; Django's own views declare a plain one, which their mix-ins may not narrow.
    request: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class MembersOnly(SignedIn):
    """For people whom the community has let in. To everyone else the page does not exist."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if request.user.is_authenticated and not (membership and membership.is_admitted):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Desk(MembersOnly):
    """For staff whose role holds `permission`; a member without it is told so (403), others get 404."""

    permission = "desk.enter"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if membership and membership.is_admitted and not membership.may(self.permission):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as refusal:
            # The role was lost while the request was under way: told as if it had been before.
            if refusal.code == "no_longer_allowed":
                raise PermissionDenied from refusal
            raise
