"""What every operation does before and after its own work."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.api import etags, operations, queries, quotas
from kernel.api.problems import TooLarge
from kernel.api.schema import OperationSchema
from kernel.api.serializers import Shape

SAFE = ("GET", "HEAD", "OPTIONS")


class ApiView(APIView):
    """One address of the API.

    In this order: who asks (401), how often (429), whether the community is theirs at all (404), what their
    key or role allows (403), how much they send (413). A key has scopes: `read` for GET, `write` for the
    rest. A person in the browser needs the permission that the operation names; where none is
    named, being let into the community is enough. Then the address is read (400) into `query`.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    schema = OperationSchema()
    #: Told to `TenancyMiddleware`: this view itself answers for communities that are not there.
    refuses_strangers = True
    query: dict[str, Any]
    #: The fields that the address asks for; None for all.
    only: list[str] | None = None
    #: The heading it stands under in the description.
    tag: ClassVar[str] = ""
    #: Whether the address lies in a community.
    in_community: ClassVar[bool] = True
    #: What the names in the address stand for.
    places: ClassVar[Mapping[str, str]] = {}
    #: Which limit of `quotas` counts here.
    quota: ClassVar[str] = "default"
    #: Bytes a body may have.
    max_body: int = 5 * 1024 * 1024
    _quota: quotas.Quota | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        request.version, request.versioning_scheme = None, None
        self._authenticate(request)
        if request.auth is not None:
            # A key speaks for itself, even where a browser's cookie comes along.
            request._request.membership = None  # type: ignore[attr-defined]
        if self.in_community:
            self._enter(request)
        self._allow(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > self.max_body:
            words = _("The body is larger than %(limit)d bytes.") % {"limit": self.max_body}
            raise TooLarge(words, code="too_large")
        declared = operations.of(self, request.method)
        if declared is not None:
            self.query = queries.read(request, declared.query(context=self.get_context()))
            if "fields" in self.query:
                self.only = queries.chosen_fields(declared.shape(), self.query["fields"], self.may)

    def may(self, permission: str) -> bool:
        """Whether who asks has the permission in this community. Owners alone make keys, so every key has it."""
        if self.request.auth is not None:
            return True
        membership = self.request.membership  # type: ignore[attr-defined]
        return membership is not None and bool(membership.may(permission))

    def caller(self, request: Request) -> str:
        """Whose requests are counted together, and whose idempotency keys are one namespace."""
        if request.auth is not None:
            return f"key:{request.auth.pk}"
        if request.user.is_authenticated:
            return f"user:{request.user.pk}"
        return f"address:{request.META.get('REMOTE_ADDR', '')}"

    def read_body(self, **options: Any) -> dict[str, Any]:
        """The parsed body, as the operation declares it. Raises DRF's `ValidationError`, a reason per field."""
        declared = operations.of(self, self.request.method)
        assert declared is not None and declared.body is not None
        body = declared.body(data=self.request.data, context=self.get_context(), **options)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def one(self, shape: Shape, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """The answer with one resource and its entity tag: 304 when the reader has it already.

        `fields=` narrows what is sent and not what the tag stands for.
        """
        data = shape.data
        headers = {"ETag": etags.of(data), **(headers or {})}
        if self.request.method in SAFE and etags.unchanged(self.request, headers["ETag"]):
            return Response(status=304, headers=headers)
        narrowed = data if self.only is None else {name: data[name] for name in self.only}
        return Response(narrowed, status=status, headers=headers)

    def get_context(self) -> dict[str, Any]:
        return {"request": self.request, "view": self}

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self._quota.headers() if self._quota else {}).items():
            response[name] = value
        response.setdefault("Cache-Control", "private, no-store")
        return response

    def _authenticate(self, request: Request) -> None:
        try:
            self.perform_authentication(request)
        except exceptions.AuthenticationFailed:
            self._count(request)
            raise
        self._count(request)
        if request.auth is None and not request.user.is_authenticated:
            raise exceptions.NotAuthenticated(
                _("A key is needed: Authorization: Bearer <key>. Or sign in, in the browser.")
            )

    def _count(self, request: Request) -> None:
        caller = self.caller(request)
        self._quota = quotas.take(
            name="anonymous" if caller.startswith("address:") else self.quota, caller=caller
        )
        if self._quota and self._quota.exceeded:
            raise exceptions.Throttled(self._quota.reset)

    def _enter(self, request: Request) -> None:
        """To those whom a community has not let in it does not exist."""
        community, membership = request.community, request.membership  # type: ignore[attr-defined]
        key: Any = request.auth
        if community is None:
            raise Http404
        if key is None and not (membership is not None and membership.is_admitted):
            raise Http404
        if key is not None and key.community_id != community.id:
            raise Http404

    def _allow(self, request: Request) -> None:
        key: Any = request.auth
        if key is not None:
            scope = "read" if request.method in SAFE else "write"
            if scope not in key.scopes:
                words = _("This key lacks the scope %(scope)s.") % {"scope": scope}
                raise exceptions.PermissionDenied(words, "missing_scope")
        else:
            declared = operations.of(self, request.method)
            needed = declared.needs if declared else ""
            if needed and not request.membership.may(needed):  # type: ignore[attr-defined]
                words = _("Your role in this community does not allow this.")
                raise exceptions.PermissionDenied(words, "missing_permission")
