"""What the list of members can be asked."""

import re
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.drainage import set_override
from rest_framework import serializers

from kernel import columns
from kernel.api.fields import Day, Text, plain
from kernel.api.pages import PageQuery
from kernel.api.problems import BadParameters
from kernel.api.queries import SparseQuery
from kernel.clock import now
from kernel.columns import Column, ColumnType
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.permissions import May, unlimited
from kernel.tenancy import Community
from members.api.shapes import told
from members.models import CustomField
from members.models.membership import MembershipQuerySet
from members.roles import Role, Status
from members.rules import ALL
from members.selectors import custom_order, directory, segments
from members.selectors import rules as conditions
from members.selectors.directory import Wanted

#: Orders in the API's words, and the directory's key of each.
ORDERS = {"number": "number", "name": "name", "joined_at": "joined", "left_at": "left", "city": "city"}
_CUSTOM_ORDER = re.compile(r"^-?custom\..{1,80}$")


class MembersQuery(PageQuery, SparseQuery):
    status = serializers.ChoiceField(
        required=False, choices=Status.values, help_text="Where the membership stands."
    )
    role = serializers.ChoiceField(required=False, choices=Role.values, help_text="What they are here.")
    tier = Text(required=False, max_length=40, help_text="A tier's key.")
    tag = Text(required=False, max_length=80, help_text="A tag they have.")
    city = Text(required=False, max_length=120, help_text="Their city, in any case of letters.")
    member = Text(required=False, max_length=120, help_text="The id in the system imported from.")
    segment = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="A segment's id: who is in it now."
    )
    joined_after = Day(required=False, help_text="Joined on this day of the community or later.")
    joined_before = Day(required=False, help_text="Joined before this day of the community.")
    search = Text(
        required=False,
        max_length=200,
        help_text=(
            "Words that name, e-mail, city or own id must hold; a Chinese name by its pinyin or initials too."
        ),
    )

    def get_fields(self) -> dict[str, Any]:
        """With a filter for every choice that apps above know, and the orders that their columns give."""
        found = super().get_fields()
        may = self._may()
        for column in _choices(may):
            values = [value for value, _label in column.asked]
            found[column.key] = serializers.ChoiceField(
                required=False, choices=values, help_text=told(column)
            )
        names = list(orders(may))
        either_way = [*names, *(f"-{name}" for name in names)]
        found["ordering"] = Ordering(
            required=False,
            default="number",
            choices=either_way,
            help_text=(
                "`-` turns it around; what is not known comes last. `custom.` and a field's key: by a field of the "
                "community's own, unless it holds several values."
            ),
        )
        set_override(
            found["ordering"],
            "field",
            {
                "anyOf": [
                    {"type": "string", "enum": either_way},
                    {"type": "string", "pattern": _CUSTOM_ORDER.pattern},
                ]
            },
        )
        return found

    def _may(self) -> May:
        """Of who asks; the description, which nobody asks for, tells of everything."""
        view = self.context.get("view")
        return unlimited if view is None else view.may


class Ordering(serializers.ChoiceField):
    """One of the orders there are everywhere, or by a field of the community's own, which is looked for later."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and _CUSTOM_ORDER.search(data) and plain(data):
            return data
        return str(super().to_internal_value(data))


def _choices(may: May) -> list[Column]:
    return [column for column in columns.seen(may) if column.type == ColumnType.CHOICE]


def orders(may: May) -> dict[str, str]:
    """Every order the list can stand in for who may do that, with the directory's key."""
    above = [column.key for column in columns.seen(may) if column.type != ColumnType.CHOICE]
    return ORDERS | {key: key for key in above}


def order(community: Community, ordering: str, *, may: May) -> Order:
    """The order of the list. Raises `BadParameters` for a field that the community lacks or that has no order."""
    key = ordering.removeprefix("-")
    turned = ordering[: len(ordering) - len(key)]
    if not key.startswith(conditions.CUSTOM):
        return directory.order(turned + orders(may)[key], community=community, may=may)
    field = CustomField.objects.of(community.id).filter(key=key.removeprefix(conditions.CUSTOM)).first()
    if field is None or not custom_order.has_order(field):
        words = _("There is no field of this key that the list can be sorted by.")
        raise BadParameters({"ordering": [serializers.ErrorDetail(words, code="invalid_choice")]})
    return directory.order(ordering, [field], community=community, may=may)


def matching(community: Community, query: dict[str, Any], *, may: May) -> MembershipQuerySet:
    """The members of the community that fit the parsed query."""
    until = query.get("joined_before")
    found = directory.matching(
        community=community,
        wanted=Wanted(
            text=query.get("search", ""),
            status=query.get("status", ""),
            role=query.get("role", ""),
            tag=query.get("tag", ""),
            city=query.get("city", ""),
            joined_from=query.get("joined_after"),
            joined_to=until and max(until, directory.FIRST_DAY) - timedelta(days=1),
        ),
    )
    asked = [
        {"field": column.key, "is": "is", "value": [query[column.key]]}
        for column in _choices(may)
        if column.key in query
    ]
    if asked:
        everywhere = conditions.everywhere()
        found = found.filter(
            conditions.condition({ALL: asked}, catalogue=everywhere, community=community, at=now())
        )
    if "segment" in query:
        found = found.filter(_in_segment(community, query["segment"], may))
    if "tier" in query:
        found = found.filter(tier__key=query["tier"])
    if "member" in query:
        found = found.filter(external_id=query["member"])
    return found


def _in_segment(community: Community, segment_id: int, may: May) -> Q:
    """The condition of who is in the segment now. Raises `BadParameters` for one that is not here, or not understood
    any more."""
    segment = segments.of(community, may=may).filter(pk=segment_id).first()
    if segment is None:
        words = _("There is no segment of this id.")
        raise BadParameters({"segment": [serializers.ErrorDetail(words, code="unknown")]})
    catalogue = conditions.catalogue(community, may=may)
    try:
        return segments.condition(segment, community=community, catalogue=catalogue, at=now())
    except Refused as refusal:
        why = serializers.ErrorDetail(str(refusal), code=refusal.code)
        raise BadParameters({"segment": [why]}) from None
