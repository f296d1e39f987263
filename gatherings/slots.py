"""What this app hangs into pages of the others."""

from typing import Any

from django.http import HttpRequest

from gatherings.models import CalendarFeed
from kernel import slots


def register() -> None:
    slots.add("me.main", query=own_calendar, template="gatherings/_own_calendar.html")


def own_calendar(request: HttpRequest, user: Any) -> dict[str, Any]:
    return {"is_open": CalendarFeed.objects.filter(user=user).exists()}
