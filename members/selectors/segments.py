"""Segments as pages and programs read them."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from kernel import columns
from kernel.errors import Refused
from kernel.permissions import May
from kernel.tenancy import Community
from members import rules
from members.models import Segment
from members.rules import Catalogue
from members.selectors import rules as conditions


def of(community: Community, *, may: May) -> QuerySet[Segment]:
    """The community's segments, by name, for who may do that: one that asks about a column which they may not see does not
    exist for them."""
    return Segment.objects.of(community.id).without(column.key for column in columns.withheld(may))


def condition(segment: Segment, *, community: Community, catalogue: Catalogue, at: datetime) -> Q:
    """The condition of who is in it now. Raises `Refused` when it asks about what is not in the catalogue, or not any more."""
    found = rules.checked(segment.rules, catalogue)
    return conditions.condition(found, catalogue=catalogue, community=community, at=at)


def understood(segment: Segment, catalogue: Catalogue) -> tuple[dict[str, Any], str]:
    """Its rules and "", or rules that nobody fits and why they are not understood any more."""
    try:
        return rules.checked(segment.rules, catalogue), ""
    except Refused as refusal:
        return rules.NOBODY, str(refusal)
