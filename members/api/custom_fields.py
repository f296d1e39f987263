"""Fields of the community's own: listed, made, changed, taken away. Their values stand in a member's `custom`."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import etags, pages
from kernel.api.fields import Choice, Flag, Text, Words
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import CustomField
from members.services import custom_fields


class CustomFieldShape(Shape):
    """A field of the community's own."""

    id = serializers.IntegerField()
    key = serializers.CharField(help_text="Under which its values stand in `custom`; it never changes.")
    name = serializers.CharField()
    hint = serializers.CharField()
    kind = serializers.ChoiceField(choices=CustomField.Kind.values)
    choices = serializers.ListField(child=serializers.CharField())
    asked = serializers.BooleanField(help_text="Whether newcomers are asked for it on joining.")
    required = serializers.BooleanField(  # type: ignore[assignment]  # a field's own `required` is a bool
        help_text="Whether it is needed on joining."
    )
    editable = serializers.BooleanField(help_text="Whether members change what they have in it themselves.")
    seen_by = serializers.ChoiceField(
        choices=CustomField.Seen.values,
        help_text="`staff` alone, `member`: the member as well, or all `members`.",
    )


CustomFieldPage = page_of(CustomFieldShape, "CustomFieldPage")


class CustomFieldChange(Body):
    """What is left out stays."""

    name = Text(max_length=80, required=False)
    hint = Text(max_length=240, required=False, allow_blank=True)
    kind = Choice(choices=CustomField.Kind.values, required=False)
    choices = Words(most=custom_fields.MOST_CHOICES, required=False)
    asked = Flag(required=False, help_text="Asked on joining: then the member sees it at least.")
    required = Flag(  # type: ignore[assignment]  # DRF calls an option of fields so
        required=False, help_text="Needed on joining: then it is asked there, unless said otherwise."
    )
    editable = Flag(required=False, help_text="Members change it themselves: then they see it at least.")
    seen_by = Choice(choices=CustomField.Seen.values, required=False)


class NewCustomField(CustomFieldChange):
    """A field to make. Values that came by files under its key are its."""

    name = Text(max_length=80)
    kind = Choice(choices=CustomField.Kind.values)
    key = Text(max_length=80, required=False, help_text="Its name, when left out.")


class CustomFields(ApiView):
    tag = "fields"

    @operation(
        "list_fields",
        "List member fields",
        answers={200: CustomFieldPage},
        needs="members.view",
        query=PageQuery,
    )
    def get(self, request: Request) -> Response:
        """The fields of the community's own, in their order."""
        page = pages.page(
            request,
            CustomField.objects.of(request.community.id),  # type: ignore[attr-defined]
            order=Order("position", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(CustomFieldShape(page.rows, many=True).data))

    @operation(
        "create_field",
        "Make a member field",
        answers={201: CustomFieldShape},
        needs="members.fields",
        body=NewCustomField,
        refuses=(422,),
        example={"name": "Shirt", "kind": "choice", "choices": ["S", "M", "L"]},
    )
    def post(self, request: Request) -> Response:
        """Make a field, the last of them."""
        community = request.community  # type: ignore[attr-defined]
        made = custom_fields.create(
            community=community, at=now(), by=Actor.of_request(request), **self.read_body()
        )
        place = reverse("api:field", args=[community.slug, made.pk])
        headers = {"Location": request.build_absolute_uri(place)}
        return Response(CustomFieldShape(made).data, status=201, headers=headers)


class OneCustomField(ApiView):
    tag = "fields"
    places = {"field_id": "The field's id."}

    @operation(
        "read_field",
        "Read a member field",
        answers={200: CustomFieldShape},
        needs="members.view",
        tagged=True,
    )
    def get(self, request: Request, field_id: int) -> Response:
        """One field, by id."""
        return self.one(CustomFieldShape(_find(request.community, field_id)))  # type: ignore[attr-defined]

    @operation(
        "change_field",
        "Change a member field",
        answers={200: CustomFieldShape},
        needs="members.fields",
        body=CustomFieldChange,
        tagged=True,
        refuses=(422,),
    )
    def patch(self, request: Request, field_id: int) -> Response:
        """Values that do not fit a new kind stay as they are."""
        with transaction.atomic():
            field = _find(request.community, field_id, lock=True)  # type: ignore[attr-defined]
            etags.require(request, etags.of(CustomFieldShape(field).data))
            changed = custom_fields.update(
                field=field, at=now(), by=Actor.of_request(request), **self.read_body()
            )
        return self.one(CustomFieldShape(changed))

    @operation("delete_field", "Delete a member field", answers={204: None}, needs="members.fields")
    def delete(self, request: Request, field_id: int) -> Response:
        """What members have in it stays with them."""
        field = _find(request.community, field_id)  # type: ignore[attr-defined]
        custom_fields.delete(field=field, at=now(), by=Actor.of_request(request))
        return Response(status=204)


def _find(community: Community, field_id: int, *, lock: bool = False) -> CustomField:
    found = CustomField.objects.of(community.id).filter(pk=field_id)
    field = (locked(found) if lock else found).first() if field_id < 2**63 else None
    if field is None:
        raise Http404
    return field
