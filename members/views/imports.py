"""Files that go in, at the desk: send one, watch it, read what became of its rows."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View
from django.views.generic import FormView

from kernel import imports as kinds
from kernel import sheets, slots
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.imports import ImportForm
from members.models import ImportRun
from members.selectors import imports as runs
from members.services import imports

SHOWN_RUNS = 20


class Imports(Desk, FormView):
    """The form, what the columns are, and the files that went in lately."""

    permission = "imports.run"
    template_name = "members/imports/index.html"
    form_class = ImportForm

    def kinds(self) -> list[kinds.ImportKind]:
        """Those that who looks may send."""
        may = self.request.membership.may
        return [kind for kind in kinds.kinds if not kind.permission or may(kind.permission)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"kinds": self.kinds()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        recent = runs.of(community_id=self.request.community.id)[:SHOWN_RUNS]
        return super().get_context_data(kinds=self.kinds(), runs=recent, **kwargs)

    def form_valid(self, form: ImportForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            run = imports.begin(
                community=self.request.community,
                kind=given["kind"],
                file=given["file"],
                filename=given["file"].name,
                at=now(),
                by=Actor.of_request(self.request),
                options={"keep_unknown": given["keep_unknown"]},
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        return redirect("members:import_run", self.request.community.slug, run.id)


class OneRun(Desk, View):
    """A run's page; while it runs, its inner part asks again every second."""

    permission = "imports.run"

    def run(self, request: TenantRequest, run_id: UUID) -> ImportRun:
        run = runs.one(community_id=request.community.id, run_id=run_id)
        if run is None:
            raise Http404
        return run

    def get(self, request: TenantRequest, run_id: UUID) -> HttpResponseBase:
        run = self.run(request, run_id)
        context = {
            "run": run,
            "kind": kinds.kinds.get(run.kind),
            "problems": runs.problems(run) if run.is_over else [],
            "remarks": runs.remarks(run) if run.is_over else [],
            "failure": runs.failure(run),
            "parts": slots.render("import.run", request, run) if run.is_over else [],
        }
        fragment = request.htmx and not request.htmx.boosted
        return render(
            request, "members/imports/_run.html" if fragment else "members/imports/run.html", context
        )


class Report(OneRun):
    """What became of every row, or of the rejected ones only, as CSV."""

    def get(self, request: TenantRequest, run_id: UUID) -> HttpResponseBase:
        run = self.run(request, run_id)
        rejected_only = request.GET.get("rows") != "all"
        header, rows = runs.report(run, rejected_only=rejected_only)
        name = f"{request.community.slug}-{run.kind}-{'rejected' if rejected_only else 'report'}.csv"
        return sheets.answer(header, rows, name=name)


class Sample(Desk, View):
    """A small file of a kind, to begin from."""

    permission = "imports.run"

    def get(self, request: TenantRequest, kind: str) -> HttpResponseBase:
        if kind not in kinds.kinds or not kinds.kinds.get(kind).sample:
            raise Http404
        known = kinds.kinds.get(kind)
        return sheets.answer([column.name for column in known.columns], known.sample, name=f"{kind}.csv")
