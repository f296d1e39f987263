"""The form of a community's own reactions."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from communities import emoji


class ReactionsForm(forms.Form):
    """As many rows as a community may have: an emoji, and its word in each language. A row left empty is none."""

    def __init__(self, *args: Any, kinds: Sequence[emoji.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(emoji.MOST):
            kind = kinds[place] if place < len(kinds) else None
            named = {"n": place + 1}
            self.fields[f"emoji_{place}"] = forms.CharField(
                label=_("Emoji %(n)d") % named,
                max_length=16,
                required=False,
                initial=kind.emoji if kind else "",
                widget=forms.TextInput(attrs={"class": "emoji"}),
            )
            for code, language in settings.LANGUAGES:
                self.fields[f"{code}_{place}"] = forms.CharField(
                    label=_("Word %(n)d in %(language)s") % {**named, "language": language},
                    max_length=emoji.LONGEST_WORD,
                    required=False,
                    initial=kind.words.get(code, "") if kind else "",
                )

    def rows(self) -> Iterator[list[Any]]:
        """The fields of each row."""
        names = ["emoji", *emoji.languages()]
        for place in range(emoji.MOST):
            yield [self[f"{name}_{place}"] for name in names]

    def chosen(self) -> list[dict[str, str]]:
        """What is to be kept: nothing where it is what the product offers by itself."""
        names = ["emoji", *emoji.languages()]
        said = [{name: self.cleaned_data[f"{name}_{place}"] for name in names} for place in range(emoji.MOST)]
        found = [row for row in said if any(row.values())]
        return [] if found == [kind.plain for kind in emoji.usual()] else found
