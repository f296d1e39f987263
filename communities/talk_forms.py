"""Forms of what members write."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from communities.models import Poll
from communities.models.post import LONGEST
from communities.services.polls import LONGEST as LONGEST_OPTION
from communities.services.polls import MOST, Ask


class Words(forms.Textarea):
    """A text of some length, with an aid to write it. `preview` is the address that shows how it will look."""

    template_name = "components/writing.html"
    preview = ""

    def __init__(self, rows: int) -> None:
        super().__init__(attrs={"rows": rows})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"preview": self.preview}

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class Said(forms.CharField):
    """What is said, which may be nothing where pictures or files go with it: the service looks."""

    def validate(self, value: Any) -> None:
        pass


MARKDOWN = _(
    "**bold**, *italic*, - a list, > a quotation, [words](address), @ and a name or @#12, the number of a member"
)


class PostForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    body = Said(
        label=_("Text"),
        max_length=LONGEST,
        widget=Words(rows=10),
        help_text=MARKDOWN,
    )


class NewPostForm(PostForm):
    asks = forms.BooleanField(
        label=_("This is a question"),
        required=False,
        help_text=_("You can accept one of the answers: it then stands first, and others find it."),
    )


class PollForm(forms.Form):
    """A poll with a post; none where no choice is written."""

    options = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=MOST * (LONGEST_OPTION + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Each in a line of its own, 2 to 10 of them."),
    )
    several = forms.BooleanField(label=_("Several can be chosen"), required=False)
    results = forms.ChoiceField(
        label=_("When the votes are shown"), choices=Poll.Results.choices, initial=Poll.Results.VOTED
    )
    closes_at = forms.DateTimeField(
        label=_("Open until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In the community's time zone; without an end when left empty."),
    )

    prefix = "poll"

    @classmethod
    def typed(cls, sent: QueryDict) -> dict[str, object]:
        """What was typed into it, right or wrong."""
        texts = {name: sent.get(f"poll-{name}", "") for name in ("options", "results", "closes_at")}
        return texts | {"several": "poll-several" in sent}

    def is_begun(self) -> bool:
        """Whether anything is written in it: then it is shown unfolded."""
        return bool(self.errors or any(self[name].value() for name in ("options", "several", "closes_at")))

    def asked(self) -> Ask | None:
        """The poll that is wanted, None for none."""
        given = self.cleaned_data
        options = given["options"].splitlines()
        return Ask(options, given["several"], given["results"], given["closes_at"]) if any(options) else None


class CommentForm(forms.Form):
    body = Said(
        label=_("Your answer"),
        max_length=LONGEST,
        widget=Words(rows=4),
        help_text=MARKDOWN,
    )
    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)
