"""One search over what is written, circles and members."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from communities import access as rules
from communities.search_forms import SearchForm
from kernel import search
from kernel.api import quotas
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.search import Asked, Source
from kernel.tenancy import TenantRequest

#: Of each kind so many are shown until one kind is asked for.
SHOWN = 5


class Search(MembersOnly, View):
    """What is found, by kind; or one kind alone in pages."""

    def get(self, request: TenantRequest) -> HttpResponse:
        circles = rules.read_by_caller(request).order_by("position", "id").values_list("slug", "name")
        form = SearchForm(request.GET, circles=list(circles))
        form.is_valid()
        asked = form.asked(now())
        sources = [one for one in search.sources if one.narrows or not asked.is_narrowed]
        chosen = [one for one in sources if one.key == request.GET.get("in")]
        problem, status = _problem(request, form, asked)
        cursor, size = (request.GET.get("at", ""), search.PAGE) if chosen else ("", SHOWN)
        pages = [
            (one, search.find(request, asked, key=one.key, cursor=cursor, size=size))
            for one in (chosen or sources)
            if asked.words and not problem
        ]
        context = {
            "community": request.community,
            "form": form,
            "asked": asked,
            "problem": problem,
            "kind": chosen[0].key if chosen else "",
            "tabs": _tabs(request, sources, chosen),
            "found": [(one, page) for one, page in pages if page.hits],
        }
        return render(request, "communities/search.html", context, status=status)


def _problem(request: TenantRequest, form: SearchForm, asked: Asked) -> tuple[str, int]:
    """Why nothing is looked for, empty where something is; and the status of that answer."""
    if errors := form.errors.get("q"):
        return str(errors[0]), 200
    if asked.text and not asked.words:
        return str(search.NO_WORDS), 200
    quota = quotas.take(name="search", caller=f"member:{request.membership.pk}") if asked.words else None
    if quota is not None and quota.exceeded:
        return _("You have searched very often within a minute. Wait a moment, then go on."), 429
    return "", 200


def _tabs(request: TenantRequest, sources: list[Source], chosen: list[Source]) -> list[tuple[str, str, bool]]:
    given = {key: request.GET[key] for key in ("q", "circle", "days") if request.GET.get(key)}
    kinds = [("", _("Everything"), not chosen)]
    kinds += [(one.key, str(one.label), one in chosen) for one in sources]
    return [
        (label, f"?{urlencode({**given, 'in': key} if key else given)}", current)
        for key, label, current in kinds
    ]
