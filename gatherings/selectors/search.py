"""Gatherings found by the one search: of those that whoever asks may see."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Func, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.selectors.search import holds, stands
from gatherings.models import Event
from kernel import access, keyset, search
from kernel.keyset import Order
from kernel.search import Asked, Found, Hit, Source

LATEST = Order("starts_at", descending=True)


def register() -> None:
    search.add(Source("events", _("Events"), events))


def events(request: Any, asked: Asked, cursor: str, size: int) -> Found:
    """Those whose title, words or place hold every word, the latest first."""
    rows = access.shown(Event.objects.of(request.community.id), request).select_related("circle")
    parts = ("title", "description", "venue", "address", "city")
    said = Concat(
        *(part for name in parts for part in (name, Value(" "))), Value(""), output_field=TextField()
    )
    terms = Func(Func(said, function="communities_terms"), function="array_to_tsvector")
    # The second is answered quickly, and leaves few of which the terms are made.
    found = rows.filter(holds(asked, terms), stands(said, asked.words))
    page = keyset.page(found, order=LATEST, size=size, cursor=cursor)
    return Found([_event(request, event, asked.words) for event in page.rows], page.after)


def _event(request: Any, event: Event, words: Sequence[str]) -> Hit:
    return Hit(
        key=str(event.key),
        url=reverse("gatherings:event", args=[request.community.slug, event.key]),
        title=search.marked(event.title, words),
        excerpt=search.marked(event.description or event.venue or event.city, words),
        at=event.starts_at,
        place=event.circle.name if event.circle else "",
    )
