"""The member table of the desk: found, sorted, paged, its columns chosen, taken along as a file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django_htmx.http import push_url

from kernel import sheets
from kernel.clock import local_day, now
from kernel.columns import Column, ColumnType
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.directory import FilterForm
from members.selectors import directory
from members.services import audit

#: Where a person's choice of columns is kept: it follows the session.
REMEMBERED = "member_columns"


class Asked:
    """What one request asks of the table, as the page, its htmx answer and the file all read it."""

    def __init__(self, request: TenantRequest) -> None:
        self.form = FilterForm(request.GET, community=request.community)
        self.form.is_valid()
        self.wanted = self.form.wanted()
        self.columns = directory.chosen(request.session.get(REMEMBERED))
        self.sort = request.GET.get("sort", "")
        self.members = directory.matching(community=request.community, wanted=self.wanted)

    @property
    def understood(self) -> dict[str, str]:
        """What the address asked and the form could read, by parameter."""
        given = self.form.cleaned_data.items()
        return {name: str(value) for name, value in given if value not in (None, "")}


class Directory(Desk, View):
    permission = "members.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        asked = Asked(request)
        page = directory.page(
            members=asked.members,
            shown=asked.columns,
            sort=asked.sort,
            cursor=request.GET.get("at", ""),
        )
        count = directory.count(asked.members)
        chips = [{"words": words, "url": self._without(name)} for name, words in asked.form.chips()]
        narrowed = bool(chips or asked.wanted.text)
        context = {
            "form": asked.form,
            "first_filters": asked.form.first(),
            "more_filters": asked.form.more(),
            "chips": chips,
            "narrowed": narrowed,
            "alone": not narrowed and count.number <= 1,
            "page": page,
            "count": count,
            "sort": asked.sort,
            "heads": [_head(column, asked.sort) for column in [directory.NAME, *asked.columns]],
            "columns": directory.all_columns(),
            "shown": {column.key for column in asked.columns},
            "may_change": request.membership.may("members.change"),
            "may_import": request.membership.may("imports.run"),
            "query": self._asked(),
            "here": f"{request.path}?{self._asked()}",
        }
        if request.htmx and not request.htmx.boosted:
            return push_url(render(request, "members/_table.html", context), context["here"])
        return render(request, "members/directory.html", context)

    def _asked(self, *, but: str = "") -> str:
        """What this address asks, without its empty parts and one other, from the first page on."""
        parts = self.request.GET.items()
        return urlencode([(name, value) for name, value in parts if value and name not in ("at", but)])

    def _without(self, name: str) -> str:
        return f"{self.request.path}?{self._asked(but=name)}"


def _head(column: Column, sort: str) -> dict[str, Any]:
    """A column's head: how it is sorted now, and what a click on it sorts by."""
    key, down = sort.removeprefix("-") or "name", sort.startswith("-")
    # Text begins at A, numbers and days at the largest: what one looks for first.
    first = column.key if column.type in (ColumnType.TEXT, ColumnType.CHOICE) else f"-{column.key}"
    other_way = column.key if down else f"-{column.key}"
    return {
        "column": column,
        "sorted": "" if key != column.key else "descending" if down else "ascending",
        "next": other_way if key == column.key else first,
    }


class Columns(Desk, View):
    """Remember which columns this person wants to see."""

    permission = "members.view"
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        known = {column.key for column in directory.all_columns()}
        request.session[REMEMBERED] = [key for key in request.POST.getlist("column") if key in known]
        if "usual" in request.POST:
            del request.session[REMEMBERED]
        back = request.POST.get("next", "")
        if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
            back = reverse("members:desk", args=[request.community.slug])
        return redirect(back)


class Export(Desk, View):
    """The members one sees, all of them, as CSV; the audit log keeps who took what along."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        asked = Asked(request)
        at = now()
        audit.record(
            action="members.exported",
            object_kind="members",
            by=Actor.of_request(request),
            at=at,
            community_id=request.community.id,
            after={"asked": asked.understood, "columns": [column.key for column in asked.columns]},
        )
        header = [_("Member"), *(str(column.label) for column in asked.columns)]
        rows = directory.sheet(members=asked.members, shown=asked.columns, sort=asked.sort)
        day = local_day(at, request.community.zone)
        return sheets.answer(header, rows, name=f"{request.community.slug}-members-{day}.csv")
