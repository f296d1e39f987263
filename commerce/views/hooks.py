"""Where payment providers come themselves: with their word, whose signature is the only door, and to see whose site it is."""

import logging
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from commerce import sealing
from commerce.models import ProviderAccount
from commerce.providers.base import LARGEST_MESSAGE, BadSignature
from commerce.services import accounts, inbox
from kernel.clock import now

log = logging.getLogger(__name__)
#: Seconds.
ROOT_FILES_FOR = 10


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str, account_key: UUID) -> HttpResponse:
    """401 for what the provider did not send, 413 for what is too large to be its word, 422 for what it says wrongly."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > LARGEST_MESSAGE:
        return _no(413)
    account = ProviderAccount.objects.filter(key=account_key, provider=provider, ended_at=None).first()
    if account is None:
        raise Http404
    try:
        body = request.read(LARGEST_MESSAGE + 1)
    except UnreadablePostError:
        return _no(400)
    if len(body) > LARGEST_MESSAGE:
        return _no(413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        status, kind, said = inbox.take(account, headers, body, at=now())
    except BadSignature:
        return _no(401)
    except inbox.Foreign as wrong:
        log.warning("%s said of account %s: %s", provider, account.pk, wrong)
        return _no(422)
    except sealing.Unreadable:
        # Its own fault is the site's, and the provider tries again.
        return _no(503)
    return HttpResponse(said, status=status, content_type=kind)


@require_safe
def root_file(request: HttpRequest, mark: str) -> HttpResponse:
    """A file by which a provider sees that the site is its customer's. Keys are opened once in some seconds, whoever asks."""
    found = cache.get_or_set("root-files", accounts.root_files, ROOT_FILES_FOR) or {}
    content = found.get(f"MP_verify_{mark}.txt")
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type="text/plain")
    answer["Content-Disposition"] = "attachment"
    return answer


def _no(status: int) -> HttpResponse:
    return HttpResponse("no\n", status=status, content_type="text/plain")
