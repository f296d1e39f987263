"""Messages that were reported, for those who keep order: nothing private is read but what was shown to them."""

from typing import Any
from uuid import UUID

from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views import View

from communities.message_forms import SettleForm
from communities.models import MessageReport
from communities.selectors import message_reports as found
from communities.services import message_reports
from kernel import markdown
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Reports(Desk, View):
    permission = message_reports.MODERATE

    def get(self, request: TenantRequest) -> HttpResponse:
        settled = request.GET.get("show") == "settled"
        tabs = [(_("Waiting"), request.path, not settled), (_("Settled"), "?show=settled", settled)]
        page = found.queue(request.community, request.GET.get("at", ""), settled=settled)
        return render(request, "communities/desk/message_reports.html", {"page": page, "tabs": tabs})


class OneReport(Desk, View):
    """Who reported whom, and why; what was reported is opened by a button, as that is written down."""

    permission = message_reports.MODERATE

    def get(self, request: TenantRequest, message_report_key: UUID) -> HttpResponse:
        return self._page(request, _one(request, message_report_key), SettleForm())

    def post(self, request: TenantRequest, message_report_key: UUID) -> HttpResponse:
        report, by, act = (
            _one(request, message_report_key),
            Actor.of_request(request),
            request.POST.get("act"),
        )
        form = SettleForm(request.POST if act == "settle" else None)
        try:
            if act == "read":
                evidence = message_reports.read(report=report, at=now(), by=by)
                return self._page(request, report, form, evidence)
            if act == "settle" and form.is_valid():
                message_reports.settle(report=report, at=now(), by=by, **form.cleaned_data)
                told.success(request, _("Settled. Who reported it is told that you have looked."))
                return redirect("communities:message_reports", request.community.slug)
        except Refused as refusal:
            if refusal.code == "no_longer_allowed":
                raise
            told.error(request, str(refusal))
        return self._page(request, report, form)

    def _page(
        self, request: TenantRequest, report: MessageReport, form: SettleForm, evidence: Any = None
    ) -> HttpResponse:
        names = {one.number: one.display_name for one in (report.by, report.about)}
        shown = [
            {
                "name": names.get(one["by"], f"#{one['by']}"),
                "at": parse_datetime(one["at"]),
                "html": markdown.render(one["body"]),
            }
            for one in evidence or []
        ]
        context = {
            "report": report,
            "form": form,
            "shown": shown,
            "own": report.about_id == request.membership.pk,
        }
        return render(request, "communities/desk/message_report.html", context)


def _one(request: TenantRequest, key: UUID) -> MessageReport:
    report = found.one(request.community, key)
    if report is None:
        raise Http404
    return report
