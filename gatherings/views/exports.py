"""Gatherings, and who came to them, as files that can be sent back; the audit log keeps who took them along."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.views import View

from gatherings.access import MANAGE
from gatherings.selectors import sheets as tables
from kernel import sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership
from members.services import audit


class Export(Desk, View):
    """A file of what the reader sees."""

    permission = MANAGE
    http_method_names = ["get"]
    #: How the file is called, and its columns.
    file: str
    header: Sequence[str]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        community, at = request.community, now()
        audit.record(
            action="event.exported",
            object_kind="gatherings",
            by=Actor.of_request(request),
            at=at,
            community_id=community.id,
            after={"file": self.file},
        )
        name = f"{community.slug}-{self.file}-{local_day(at, community.zone)}.csv"
        return sheets.answer(self.header, self.rows(request.membership, at), name=name)

    def rows(self, viewer: Membership, at: datetime) -> Iterator[tuple[Any, ...]]:
        raise NotImplementedError


class ExportEvents(Export):
    file, header = "events", tables.EVENTS

    def rows(self, viewer: Membership, at: datetime) -> Iterator[tuple[Any, ...]]:
        return tables.events(viewer, at)


class ExportAttendances(Export):
    file, header = "attendances", tables.ATTENDANCES

    def rows(self, viewer: Membership, at: datetime) -> Iterator[tuple[Any, ...]]:
        return tables.attendances(viewer)
