"""Files that come with a form of a gathering."""

from typing import Any

from django.contrib import messages
from django.utils.translation import ngettext

from gatherings.models import Event
from gatherings.services import pictures
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor


def pictures_of(request: Any, event: Event, *, later: bool = False) -> None:
    """Keep the pictures that came with a form, each by itself: one that is refused stands against none of the others."""
    kept = 0
    for file in request.FILES.getlist("pictures"):
        try:
            pictures.add(event=event, sent=file, later=later, at=now(), by=Actor.of_request(request))
            kept += 1
        except Refused as refusal:
            messages.error(request, str(refusal))
    if kept:
        told = ngettext("%(n)s picture is added.", "%(n)s pictures are added.", kept)
        messages.success(request, told % {"n": kept})
