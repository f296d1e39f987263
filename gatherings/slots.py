"""What gatherings hang into pages of the apps below: what comes next on the face of a
community, at home and in a circle; and a person's own calendar."""

from typing import Any

from django.http import HttpRequest

from communities.models import Circle
from gatherings.models import CalendarFeed, Chapter
from gatherings.selectors import chapters, met, seen
from kernel import slots
from kernel.clock import now
from kernel.tenancy import TenantRequest
from members.models import Membership

#: So many of the next are shown beside other things.
SHOWN = 3


def register() -> None:
    slots.add("face.aside", query=upcoming, template="gatherings/_upcoming.html")
    slots.add("home.main", query=upcoming, template="gatherings/_upcoming.html")
    slots.add("me.main", query=own_calendar, template="gatherings/_own_calendar.html")
    slots.add("person.main", query=met_by, template="gatherings/_met.html")
    slots.add("own.aside", query=met_by, template="gatherings/_met.html")
    slots.add("circle.aside", query=chapter_of, template="gatherings/_chapter_card.html")
    slots.add("circle.aside", query=of_circle, template="gatherings/_upcoming.html")


def upcoming(request: TenantRequest, subject: Membership | None) -> dict[str, Any] | None:
    """The next gatherings that whoever looks may come to; nothing where there are none."""
    return _next(request, seen.shown(request))


def of_circle(request: TenantRequest, circle: Circle) -> dict[str, Any] | None:
    """The next gatherings of the circle."""
    return _next(request, seen.shown(request).filter(circle=circle), circle)


def own_calendar(request: HttpRequest, user: Any) -> dict[str, Any]:
    return {"is_open": CalendarFeed.objects.filter(user=user).exists()}


def met_by(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """Whom the member has met at small gatherings; nothing where that is nobody."""
    viewer = request.membership
    if viewer is None or not viewer.is_admitted:
        return None
    people, more = met.by(member, viewer)
    if not people:
        return None
    return {"community": request.community, "people": people, "more": more, "most": met.MOST}


def chapter_of(request: TenantRequest, circle: Circle) -> dict[str, Any] | None:
    """What is told of the chapter that the circle is; None for one that is none."""
    found = list(Chapter.objects.filter(circle=circle).select_related("circle"))
    chapters.fill(found, request, now())
    return {"chapter": found[0], "community": request.community} if found else None


def _next(request: TenantRequest, rows: Any, circle: Circle | None = None) -> dict[str, Any] | None:
    found = list(rows.upcoming(now())[:SHOWN])
    if not found:
        return None
    seen.fill(found, request)
    return {"community": request.community, "events": found, "circle": circle}
