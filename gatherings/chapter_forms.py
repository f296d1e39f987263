"""The form by which a chapter is founded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.models import Circle
from kernel import access
from members.models import Membership


class ChapterForm(forms.Form):
    """The city, the circle (a new one of the city's name where none is taken), and who looks after it."""

    city = forms.CharField(label=_("City"), max_length=80)
    country = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    circle = forms.ModelChoiceField(
        Circle.objects.none(),
        to_field_name="slug",
        required=False,
        label=_("Circle"),
        empty_label=_("A new one, called as the city"),
    )
    hosts = forms.ModelMultipleChoiceField(
        Membership.objects.none(), to_field_name="number", required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, *args: Any, viewer: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = access.visible(Circle.objects.of(viewer.community_id), viewer)
        free = here.filter(archived_at=None, chapter=None).exclude(kind=Circle.Kind.SECRET)
        self.fields["circle"].queryset = free.order_by("position", "id")  # type: ignore[attr-defined]
        members = Membership.objects.of(viewer.community_id).counted()
        self.fields["hosts"].queryset = members  # type: ignore[attr-defined]
