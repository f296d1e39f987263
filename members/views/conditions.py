"""One condition more for the member table: the field is chosen first, then what is asked of it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members import rules
from members.forms import condition as form
from members.views.asked import Asked, with_condition, written


class Condition(Desk, View):
    """The form, as a page and as the part that htmx puts in its place; sent, it leads back to the table."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        asked = Asked(request.community, request.GET, at=now(), may=request.membership.may)
        problem = ""
        if request.GET.get(form.HOW):
            try:
                condition = form.given(request.GET, asked.catalogue)
                beside = request.GET.get(form.BESIDE, "")
                fits = rules.checked(with_condition(asked.rules, condition, beside), asked.catalogue)
            except Refused as refusal:
                problem = str(refusal)
            else:
                place = reverse("members:desk", args=[request.community.slug])
                return redirect(f"{place}?{asked.query(*form.OWN, rules=written(fits))}")
        context = about_condition(request, asked) | {"condition_problem": problem}
        fragment = request.htmx and not request.htmx.boosted
        template = "members/_condition.html" if fragment else "members/condition.html"
        return render(request, template, context)


#: What has a place of its own on the page.
SEARCHED = {"search"}


def about_condition(request: TenantRequest, asked: Asked) -> dict[str, object]:
    """What the form needs: everything that can be asked about, and how the chosen field is compared."""
    field = asked.catalogue.get(request.GET.get(form.FIELD, ""))
    chosen = request.GET.get(form.HOW, "")
    comparisons = rules.COMPARISONS[field.kind] if field else ()
    return {
        "fields": [one for key, one in asked.catalogue.items() if key not in SEARCHED],
        "field": field,
        "comparisons": [(key, rules.WORDS[key], key == chosen) for key in comparisons],
        "values": request.GET.getlist(form.VALUE),
        "days": request.GET.get(form.DAYS, "30"),
        "beside": request.GET.get(form.BESIDE, ""),
        "kept": [(name, value) for name, value in asked.pairs() if name not in form.OWN],
    }
