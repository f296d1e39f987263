"""Taking back what an import brought by mistake."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views import View

from engagement.selectors import retraction
from engagement.services import facts
from kernel import imports, words
from kernel.clock import now
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import ImportRun
from members.selectors import imports as runs


class Retract(Desk, View):
    """Says what will happen and to how many, then does it."""

    permission = "facts.retract"

    def get(self, request: TenantRequest, run_id: UUID) -> HttpResponse:
        return render(request, "engagement/imports/retract.html", {"run": self._run(request, run_id)})

    def post(self, request: TenantRequest, run_id: UUID) -> HttpResponse:
        run = self._run(request, run_id)
        count = facts.retract(
            community_id=request.community.id, batch=run.pk, by=Actor.of_request(request), at=now()
        )
        said = ngettext(
            "%(n)s fact is out of every figure from its own day on.",
            "%(n)s facts are out of every figure from their own day on.",
            count,
        )
        messages.success(request, said % {"n": words.number(count)})
        return redirect("members:import_run", request.community.slug, run.pk)

    def _run(self, request: TenantRequest, run_id: UUID) -> ImportRun:
        run = runs.one(community_id=request.community.id, run_id=run_id)
        if run is None or not run.is_over or not imports.kinds.get(run.kind).retractable:
            raise Http404
        if retraction.of(run):
            raise Http404
        return run
