"""Gatherings, and who came to them, as files that can be sent back; the audit log keeps who took them along."""

from typing import Any

from django.http import HttpResponseBase
from django.views import View

from gatherings.access import MANAGE
from gatherings.selectors import sheets as tables
from gatherings.services import exports
from kernel import sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Export(Desk, View):
    """A file of what the reader sees."""

    permission = MANAGE
    http_method_names = ["get"]
    #: Which one (`tables.FILES`).
    file: str

    def get(self, request: TenantRequest) -> HttpResponseBase:
        return taken_along(request, self.file)


class ExportEvents(Export):
    file = "events"


class ExportAttendances(Export):
    file = "attendances"


def taken_along(request: Any, file: str) -> HttpResponseBase:
    """The file as a download for whoever asks, in the browser or by a program; that they took it along is kept."""
    community, at = request.community, now()
    exports.noted(community=community, file=file, at=at, by=Actor.of_request(request))
    name = f"{community.slug}-{file}-{local_day(at, community.zone)}.csv"
    known = tables.FILES[file]
    return sheets.answer(known.header, known.rows(tables.told(request), at), name=name)
