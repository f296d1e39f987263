"""What holds on every page for people who have signed in: their language, and the list of where they are."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Speak the language a person has chosen, wherever they sign in.

    A choice made in this browser (its cookie) goes first; without one, the person's own goes before what
    the browser asks for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Neither cookie nor session: nothing to look up, and the answer stays the same for everyone.
        if (
            settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
            and settings.SESSION_COOKIE_NAME in request.COOKIES
        ):
            language = getattr(request.user, "language", "")
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = translation.get_language() or language
        return self.get_response(request)


class SeenMiddleware:
    """Note when and from where each session was last seen.

    Once in five minutes for an address, not on every page: the note costs four queries, and nobody reads it
    to the minute.
    """

    seconds = 300

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_noted(request):
            key = f"seen:{request.session.session_key}:{get_adapter().get_client_ip(request)}"
            if cache.add(key, 1, timeout=self.seconds):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)

    @staticmethod
    def _is_noted(request: HttpRequest) -> bool:
        if not settings.USERSESSIONS_TRACK_ACTIVITY or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        return request.user.is_authenticated
