"""What the weekly digest tells of gatherings: which are next that its reader may come to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gatherings.clocks import in_words
from gatherings.models import Event
from kernel import access, digests
from kernel.digests import Week
from kernel.mails import Line, Section
from members.services import mail

#: So many are told of, of those that begin so soon after the week.
TOLD, AHEAD = 5, timedelta(days=8)


def register() -> None:
    digests.add("gatherings", begin=next_ones)


def next_ones(week: Week) -> Callable[[Any], Section | None]:
    """Looks once whether there are any; what it gives tells a member of those that they may see at that moment."""
    coming = Event.objects.of(week.community.id).standing().beginning(week.end, week.end + AHEAD)
    any_at_all = coming.exists()

    def told(member: Any) -> Section | None:
        if not any_at_all:
            return None
        seen = access.visible(coming, member).select_related("community").order_by("starts_at", "pk")
        lines = tuple(_line(event) for event in seen[:TOLD])
        return Section(pgettext("part of the weekly digest", "Coming up"), lines) if lines else None

    return told


def _line(event: Event) -> Line:
    told = {"title": event.title, "when": in_words(event, event.community.zone), "city": event.city}
    text = _("%(title)s, %(when)s, %(city)s") if event.city else _("%(title)s, %(when)s")
    return Line(text % told, mail.whole(reverse("gatherings:event", args=[event.community.slug, event.key])))
