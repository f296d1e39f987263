"""Planning an experiment: the words of B as they stand today, to be changed, and how much difference is looked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.selectors.trials import History, Trial
from kernel import words
from kernel.trials import Piece


class PlanForm(forms.Form):
    """`asks` are the pieces of B, a field each, and for a question whether it is asked and has to be answered."""

    title = forms.CharField(
        label=_("What do you want to find out?"),
        max_length=120,
        help_text=_("For the list: “A shorter letter”, say."),
    )
    base = forms.DecimalField(
        label=_("Share of today, in percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    least = forms.DecimalField(
        label=_("Smallest difference worth noticing, in points"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=_("From 20% to 30% are 10 points. Half of it takes four times as many people."),
    )

    def __init__(
        self, *args: Any, trial: Trial, standing: Sequence[Piece], history: History, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.trial, self.standing = trial, standing
        self.fields["base"].help_text = _seen(trial, history)
        if history.share is not None:
            self.fields["base"].initial = round(100 * history.share, 1)
        self.fields["least"].initial = 10
        for n, piece in enumerate(standing):
            self.fields[f"text_{n}"] = _text(trial, piece)
            if piece.asked is not None:
                self.fields[f"asked_{n}"] = _yes(_("Asked in B"), piece.asked)
                self.fields[f"required_{n}"] = _yes(_("Must be answered in B"), bool(piece.required))

    @property
    def rows(self) -> Iterator[tuple[Piece, list[Any]]]:
        """Each piece as it stands in A, with its fields."""
        for n, piece in enumerate(self.standing):
            names = (f"text_{n}", f"asked_{n}", f"required_{n}")
            yield piece, [self[name] for name in names if name in self.fields]

    def planned(self) -> dict[str, Any]:
        """What the service takes."""
        said = self.cleaned_data
        b = [
            Piece(
                piece.key, said[f"text_{n}"] or piece.text, said.get(f"asked_{n}"), said.get(f"required_{n}")
            )
            for n, piece in enumerate(self.standing)
        ]
        base, least = float(said["base"] / 100), float(said["least"] / 100)
        return {"title": said["title"], "b": b, "base": base, "least": least}


def _seen(trial: Trial, history: History) -> str:
    if history.units is None:
        joined = _("In the last %(days)s days %(n)s joined.") % {
            "days": words.number(round(history.days)),
            "n": words.number(history.succeeded),
        }
        return f"{trial.unknown} {joined}"
    return _("Of %(n)s in the last %(days)s days of whom it is known: %(good)s.") % {
        "n": words.number(history.units),
        "days": words.number(round(history.days)),
        "good": words.number(history.succeeded),
    }


def _text(trial: Trial, piece: Piece) -> forms.CharField:
    rows = 9 if "\n" in piece.text else 2
    return forms.CharField(
        label=trial.name(piece),
        initial=piece.text,
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _yes(label: Any, value: bool) -> forms.BooleanField:
    return forms.BooleanField(label=label, initial=value, required=False)
