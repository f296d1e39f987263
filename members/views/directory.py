"""The member table of the desk: found, sorted, paged, its columns chosen, taken along as a file."""

from typing import Any

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
from members import rules
from members.actors import Actor
from members.models import CustomField
from members.selectors import directory
from members.services import audit, desk
from members.views.asked import Asked
from members.views.conditions import about_condition

#: Segments in sight; the others stand in a menu behind them.
TABS = 6
MOST_PICKED = 500


class Directory(Desk, View):
    permission = "members.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        asked = Asked(request.community, request.GET, at=now(), may=request.membership.may)
        shown = directory.chosen(request.membership.desk_columns, asked.custom, may=request.membership.may)
        narrowed = asked.whole != rules.EVERYBODY or asked.segment is not None
        if narrowed:
            count, members = directory.counted(asked.members, community=request.community)
        else:
            count, members = directory.count(asked.members), asked.members
        page = directory.page(members=members, shown=shown, by=asked.order, cursor=request.GET.get("at", ""))
        may = request.membership.may
        context = {
            "asked": asked,
            "form": asked.form,
            "first_filters": asked.form.first(),
            "kept_filters": [
                *asked.form.others(),
                *((name, value) for name in ("rules", "segment") if (value := request.GET.get(name))),
            ],
            "chips": [
                {"words": words, "url": f"{request.path}?{asked.query(name)}"}
                for name, words in asked.form.chips()
            ],
            "conditions": asked.chips(),
            "joint": rules.joint(asked.rules),
            "tabs": asked.segments[:TABS],
            "more_tabs": asked.segments[TABS:],
            "narrowed": narrowed,
            "alone": not narrowed and count.number <= 1,
            "page": page,
            "count": count,
            "sort": asked.sort,
            "heads": [_head(column, asked) for column in [directory.NAME, *shown]],
            "width": len(shown) + 2,
            "may_change": may("members.change"),
            "may_act": may("members.change") or may("members.discipline") or may("members.dues"),
            "may_import": may("imports.run"),
            "query": asked.query(),
            "here": f"{request.path}?{asked.query()}",
        } | about_condition(request, asked)
        if request.htmx and not request.htmx.boosted:
            return push_url(render(request, "members/_table.html", context), context["here"])
        return render(request, "members/directory.html", context)


def _head(column: Column, asked: Asked) -> dict[str, Any]:
    """A column's head: how it is sorted now, and what a click on it sorts by; "" where it has no order."""
    key, down = asked.sort.removeprefix("-") or "name", asked.sort.startswith("-")
    # Text begins at A, numbers and days at the largest: what one looks for first.
    first = column.key if column.type in (ColumnType.TEXT, ColumnType.CHOICE) else f"-{column.key}"
    other_way = column.key if down else f"-{column.key}"
    return {
        "column": column,
        "sorted": "" if key != column.key else "descending" if down else "ascending",
        "next": (other_way if key == column.key else first)
        if directory.has_order(column, asked.custom)
        else "",
    }


class Columns(Desk, View):
    """Which columns this person wants to see and in which order; kept with their membership, on every device."""

    permission = "members.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        return self._page(request, request.membership.desk_columns)

    def post(self, request: TenantRequest) -> HttpResponse:
        keys: list[str] | None = request.POST.getlist("column")
        moved = request.POST.get("up") or request.POST.get("down")
        if moved:
            # Not kept yet: the page is shown again in the new order.
            return self._page(request, _moved(keys or [], moved, up="up" in request.POST))
        if "usual" in request.POST:
            keys = None
        known = {
            column.key for column in directory.all_columns(self._custom(request), may=request.membership.may)
        }
        desk.choose_columns(
            membership=request.membership, keys=keys and [key for key in keys if key in known]
        )
        return redirect(_back(request, request.POST.get("next", "")))

    def _page(self, request: TenantRequest, keys: list[str] | None) -> HttpResponse:
        custom = self._custom(request)
        shown = directory.chosen(keys, custom, may=request.membership.may)
        chosen = {column.key for column in shown}
        context = {
            "shown": shown,
            "others": [
                one
                for one in directory.all_columns(custom, may=request.membership.may)
                if one.key not in chosen
            ],
            "next": _back(request, request.POST.get("next") or request.GET.get("next", "")),
        }
        return render(request, "members/columns.html", context)

    def _custom(self, request: TenantRequest) -> list[CustomField]:
        return list(CustomField.objects.of(request.community.id))


def _moved(keys: list[str], key: str, *, up: bool) -> list[str]:
    if key not in keys:
        return keys
    place = keys.index(key)
    keys.remove(key)
    keys.insert(max(place - 1, 0) if up else place + 1, key)
    return keys


def _back(request: TenantRequest, address: str) -> str:
    if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return reverse("members:desk", args=[request.community.slug])


class Export(Desk, View):
    """The members one sees, all of them or those picked, as CSV; the audit log keeps who took what along."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        at = now()
        asked = Asked(request.community, request.GET, at=at, may=request.membership.may)
        if asked.problem:
            # The page says so; a file would hold everybody, and nobody would see it.
            return redirect(f"{reverse('members:desk', args=[request.community.slug])}?{asked.query()}")
        shown = directory.chosen(request.membership.desk_columns, asked.custom, may=request.membership.may)
        members, what = asked.members, asked.whole
        if picked := picks(request.GET.getlist("pick")):
            members, what = members.filter(number__in=picked), {"numbers": picked}
        audit.record(
            action="members.exported",
            object_kind="members",
            by=Actor.of_request(request),
            at=at,
            community_id=request.community.id,
            after={"asked": what, "columns": [column.key for column in shown]},
        )
        header = [_("Member"), *(str(column.label) for column in shown)]
        rows = directory.sheet(members=members, shown=shown, by=asked.order)
        day = local_day(at, request.community.zone)
        return sheets.answer(header, rows, name=f"{request.community.slug}-members-{day}.csv")


def picks(given: list[str]) -> list[int]:
    """The numbers of members that were picked on the page."""
    numbers = (int(one) for one in given[:MOST_PICKED] if one.isdecimal() and len(one) < 11)
    return sorted({number for number in numbers if 0 < number < 2**31})
