"""What this app hangs into pages of the others."""

from typing import Any

from django.http import HttpRequest

from communities.models import Circle
from gatherings.models import CalendarFeed, Chapter
from gatherings.selectors import chapters
from kernel import slots
from kernel.clock import now
from kernel.tenancy import TenantRequest


def register() -> None:
    slots.add("me.main", query=own_calendar, template="gatherings/_own_calendar.html")
    slots.add("circle.aside", query=chapter_of, template="gatherings/_chapter_card.html")


def own_calendar(request: HttpRequest, user: Any) -> dict[str, Any]:
    return {"is_open": CalendarFeed.objects.filter(user=user).exists()}


def chapter_of(request: TenantRequest, circle: Circle) -> dict[str, Any] | None:
    """What is told of the chapter that the circle is; None for one that is none."""
    found = list(Chapter.objects.filter(circle=circle).select_related("circle"))
    chapters.fill(found, request, now())
    return {"chapter": found[0], "community": request.community} if found else None
