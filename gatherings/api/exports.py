"""The files of the desk for programs: the same rows, as CSV that streams, and the same entry in the audit log."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from gatherings import access as rules
from gatherings.access import MANAGE
from gatherings.api import told
from gatherings.views.door import list_taken_along
from gatherings.views.exports import taken_along
from kernel.api.operations import operation
from kernel.api.views import ApiView


class ExportEvents(ApiView):
    tag = "events"

    @operation("export_events", "Export gatherings", answers={200: None}, needs=MANAGE)
    def get(self, request: Request) -> HttpResponseBase:
        """All gatherings that were announced and that the caller may see, as CSV in the columns of the import kind
        `events`: what leaves so can be sent back. The audit log keeps who took it along."""
        return taken_along(request, "events")


class ExportAttendances(ApiView):
    tag = "events"

    @operation("export_attendances", "Export who came", answers={200: None}, needs=MANAGE)
    def get(self, request: Request) -> HttpResponseBase:
        """What was answered to these gatherings and who came, as CSV in the columns of the import kind `attendances`: a
        row for an answer and one for a coming. The audit log keeps who took it along."""
        return taken_along(request, "attendances")


class ExportPeople(ApiView):
    tag = "events"
    places = told.EVENT

    @operation("export_event_people", "Export the list at the door", answers={200: None})
    def get(self, request: Any, event_key: UUID) -> HttpResponseBase:
        """Everybody who has anything to do with one gathering, as CSV: what they answered, to the questions too, their
        way of coming, and when they came. For its hosts and for who lets people in; the audit log keeps who took it."""
        event = told.find(request, event_key)
        if request.auth is None and not rules.admits(request.membership, event):
            raise PermissionDenied(
                _("Your role in this community does not allow this."), "missing_permission"
            )
        return list_taken_along(request, event)
