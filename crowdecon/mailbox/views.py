from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crowdecon.mailbox import box


@require_safe
@never_cache
def messages(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/messages.html", {"mails": box.newest()})


@require_safe
@never_cache
def message(request: HttpRequest, id: str) -> HttpResponse:
    mail = box.read(id)
    if mail is None:
        raise Http404
    return render(request, "mailbox/message.html", {"mail": mail})
