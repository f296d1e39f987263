"""Keys: `Authorization: Bearer <key>`."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from communities.models import ApiKey
from communities.services import api_keys
from kernel.clock import now

SCHEME = "Bearer"


class KeyAuthentication(BaseAuthentication):
    """A program, by its community's key: `request.auth` is the `ApiKey`, nobody is signed in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _blank, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != SCHEME.lower():
            raise AuthenticationFailed(
                _("The Authorization header must read: Bearer <key>."), "invalid_scheme"
            )
        key = api_keys.recognise(secret.strip(), at=now())
        if key is None:
            raise AuthenticationFailed(_("This key is not known, has ended or has expired."), "invalid_key")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="crowdecon"'


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A community's key, made on its desk under Settings, or by `./manage.py create_api_key`.",
        }
