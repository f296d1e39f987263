"""Members in the rows of a figure by their names, for whoever may see members; by their numbers for whoever may not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from kernel.metrics import Metric, Table, Who
from kernel.tenancy import TenantRequest
from members.models import Membership

SEES = "members.view"
People = Mapping[int, Membership]


@dataclass(frozen=True)
class Named:
    """Members in a cell: on a page each name leads to the member's own page, in a file the names stand alone."""

    #: Name and address; the address is empty for who is not there any more.
    members: tuple[tuple[str, str], ...]
    #: Asked by the table, which lets names break that it holds together in numbers.
    is_who = True

    def __html__(self) -> SafeString:
        shown = (
            (format_html('<a href="{}">{}</a>', url, name) if url else name,) for name, url in self.members
        )
        return format_html_join(pgettext("between the items of a list", ", "), "{}", shown)

    def __str__(self) -> str:
        return "; ".join(name for name, _url in self.members)


def people(request: TenantRequest, numbers: Iterable[int]) -> People:
    """The members of these numbers, in one query; nobody for who may not see members."""
    if not request.membership.may(SEES):
        return {}
    found = Membership.objects.of(request.community.id).filter(number__in=set(numbers))
    return {member.number: member for member in found}


def table(metric: Metric, data: Any) -> Table:
    """The figure's rows, to be gone through more than once."""
    told = metric.table(data)
    return Table(told.header, [list(row) for row in told.rows])


def numbers(told: Table) -> set[int]:
    """Of the members who stand in the rows."""
    return {number for row in told.rows for cell in row if isinstance(cell, Who) for number in cell.numbers}


def named(request: TenantRequest, told: Table, known: People) -> Table:
    """The rows with the names of those who are known."""

    def called(number: int) -> tuple[str, str]:
        if number not in known:
            return f"#{number}", ""
        return str(known[number]), reverse("members:member", args=[request.community.slug, number])

    rows = [
        [Named(tuple(map(called, cell.numbers))) if isinstance(cell, Who) else cell for cell in row]
        for row in told.rows
    ]
    return Table(told.header, rows)
