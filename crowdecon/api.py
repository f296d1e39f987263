"""The API put together: what each floor brings, and its description.

`/api/v1/` from each app's `api/urls.py`, `/api/v1/schema/` (OpenAPI 3.1), `/api/docs/` for people.
"""

import functools
import hashlib
import json
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.http import etag, require_safe
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from crowdecon import api_docs
from kernel.api import docs
from kernel.api.views import ApiView

app_name = "api"


@functools.cache
def _written() -> tuple[bytes, str]:
    """The description and its tag, written once a process."""
    written = json.dumps(docs.description(), ensure_ascii=False).encode()
    return written, f'"{hashlib.sha256(written).hexdigest()[:32]}"'


@require_safe
@etag(lambda _request: _written()[1])
def schema(request: HttpRequest) -> HttpResponse:
    """The description itself: open to everyone, for it tells nothing of anybody."""
    return HttpResponse(_written()[0], content_type="application/vnd.oai.openapi+json")


class Nowhere(ApiView):
    """Any other address: told, as everywhere, only to those who say who they are."""

    in_community = False
    schema = None  # type: ignore[assignment]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.path.endswith("/"):
            # Not redirected: a POST would come back as a GET.
            raise NotFound(_("Addresses end with a slash: %(path)s/") % {"path": request.path})
        raise NotFound


rooms = [f"{app}.api.urls" for app in settings.LINE if app != "crowdecon" and find_spec(f"{app}.api.urls")]

urlpatterns: list[URLPattern | URLResolver] = [
    path("docs/", api_docs.page, name="docs"),
    path("docs/<slug:section>/", api_docs.section, name="docs_section"),
    path("v1/schema/", schema, name="schema"),
    *(path("v1/", include(room)) for room in rooms),
    re_path(r"^v1/", Nowhere.as_view(), name="nowhere"),
]
