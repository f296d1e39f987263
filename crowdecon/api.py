"""The API put together: what each floor brings, and its description.

`/api/v1/` from each app's `api/urls.py`, `/api/v1/schema/` (OpenAPI 3.1), `/api/docs/` for people.
"""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

app_name = "api"


class Schema(SpectacularJSONAPIView):
    """The description itself: open to everyone, for it tells nothing of anybody."""

    authentication_classes = ()
    throttle_classes = ()


rooms = [f"{app}.api.urls" for app in settings.LINE if app != "crowdecon" and find_spec(f"{app}.api.urls")]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/schema/", Schema.as_view(), name="schema"),
    *(path("v1/", include(room)) for room in rooms),
]
