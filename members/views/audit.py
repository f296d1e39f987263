"""The audit log at the desk: read, searched, taken along."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View
from django_htmx.http import push_url

from kernel import sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.audit import AuditForm
from members.selectors import audit as log
from members.services import audit


class AuditLog(Desk, View):
    """The entries, newest first."""

    permission = "audit.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        form = AuditForm(request.GET, community=request.community)
        page = log.page(community=request.community, wanted=form.wanted(), cursor=request.GET.get("at", ""))
        asked = urlencode([(name, value) for name, value in request.GET.items() if value and name != "at"])
        context = {
            "form": form,
            "page": page,
            "lines": log.lines(page.rows, community=request.community),
            "narrowed": bool(form.asked()),
            "asked": asked,
            "may_view_members": request.membership.may("members.view"),
        }
        if request.htmx and not request.htmx.boosted:
            return push_url(render(request, "members/audit/_lines.html", context), f"{request.path}?{asked}")
        return render(request, "members/audit/index.html", context)


class ExportAudit(Desk, View):
    """What one sees, all of it, as CSV; that it was taken along is an entry itself."""

    permission = "audit.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        form, at = AuditForm(request.GET, community=request.community), now()
        # Those there are now: the entry about the export is not part of it.
        entries = log.matching(community=request.community, wanted=form.wanted()).filter(at__lt=at)
        audit.record(
            action="audit.exported",
            object_kind="audit",
            by=Actor.of_request(request),
            at=at,
            community_id=request.community.id,
            after={"asked": form.asked()},
        )
        day = local_day(at, request.community.zone)
        return sheets.answer(log.HEADER, log.sheet(entries), name=f"{request.community.slug}-audit-{day}.csv")
