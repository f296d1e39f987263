"""What is asked of who takes places: of themselves, and of each whom they bring along. Forms read; services judge."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gatherings.limits import MOST_PLACES
from gatherings.models import Event
from gatherings.question_forms import field_of
from gatherings.selectors.tickets import Choice
from gatherings.services.parties import Guest, Place
from kernel import words
from kernel.errors import Refused
from kernel.money import Money


class _Asked(forms.Form):
    """What the hosts ask of everybody."""

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(event.questions.all())

    def ask(self) -> None:
        for question in self.questions:
            self.fields[f"question_{question.pk}"] = field_of(question)

    @property
    def answers(self) -> dict[int, Any]:
        return {one.pk: self.cleaned_data.get(f"question_{one.pk}") for one in self.questions}

    def told(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What was written into its fields so far, right or wrong."""
        return {
            name: field.widget.value_from_datadict(data, {}, self.add_prefix(name))
            for name, field in self.fields.items()
        }


class BuyForm(_Asked):
    """Who takes it, where nobody knows them, what the hosts ask, and a coupon where something costs."""

    def __init__(self, *args: Any, guest: bool, comes: bool, priced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if guest:
            self.fields["name"] = forms.CharField(
                label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
            )
            self.fields["email"] = forms.EmailField(
                label=_("Your e-mail address"),
                max_length=254,
                help_text=_("Your ticket comes there. It makes you no account."),
                widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            )
        if comes:
            self.ask()
        if priced:
            self.fields["coupon"] = forms.CharField(
                label=_("Coupon"),
                max_length=40,
                required=False,
                widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
            )


class CompanionForm(_Asked):
    """One whom they bring along: what they are called, where their own ticket goes, how they come, what is asked."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = {str(one.kind.key): one for one in choices}
        self.fields["name"] = forms.CharField(
            label=_("Their name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
        )
        self.fields["email"] = forms.EmailField(
            label=_("Their e-mail address"),
            max_length=254,
            required=False,
            help_text=_("Their ticket comes there. Left empty, you show it for them."),
            widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        )
        if len(choices) > 1:
            listed = [(key, f"{one.kind} · {words.money(one.price)}") for key, one in self.choices.items()]
            self.fields["kind"] = forms.ChoiceField(label=_("Ticket"), choices=listed)
        self.ask()

    def kind_of(self, key: Any) -> Choice:
        """The kind of ticket of that key, else the first that there is."""
        return self.choices.get(str(key)) or next(iter(self.choices.values()))

    def place(self) -> Place:
        given = self.cleaned_data
        return Place(self.kind_of(given.get("kind")).kind, Guest(given["name"], given["email"]), self.answers)


class Party:
    """All who are to come with one order: the form of who takes the places, and one for each whom they bring."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        event: Event,
        chosen: Choice | None,
        for_guests: Sequence[Choice],
        guest: bool,
        many: int = 0,
        bound: bool = False,
        drop: int = 0,
    ) -> None:
        self.event, self.chosen, self.for_guests, self.guest = event, chosen, list(for_guests), guest
        self.many = max(0, min(many, MOST_PLACES - 1)) if self.for_guests else 0
        given = data if data is not None else {}
        priced = any(one.price for one in [*self.for_guests, *([chosen] if chosen else [])])
        about: dict[str, Any] = {
            "event": event,
            "guest": guest,
            "comes": chosen is not None,
            "priced": priced,
        }
        self.own = BuyForm(data if bound else None, **about)
        kept = [n for n in range(1, self.many + 1) if n != drop]
        self.others = [self._other(given, n, data if bound else None) for n in kept]
        if data is not None and not bound:
            self.own.initial = self.own.told(data)
            self.others = [
                self._other(given, n, None, initial=other.told(data))
                for n, other in enumerate(self.others, start=1)
            ]
        self.many = len(self.others)

    def _other(self, given: Any, n: int, data: Any, **more: Any) -> CompanionForm:
        more.setdefault("initial", {"kind": str(self.chosen.kind.key)} if self.chosen else {})
        return CompanionForm(data, prefix=f"place_{n}", event=self.event, choices=self.for_guests, **more)

    @property
    def can_grow(self) -> bool:
        return bool(self.for_guests) and self.many < MOST_PLACES - 1

    @property
    def heads(self) -> int:
        return self.many + (self.chosen is not None)

    @property
    def money(self) -> Money:
        """What they come to together, as far as is known by now."""
        prices = [self.chosen.price] if self.chosen else []
        for form in self.others:
            prices.append(form.kind_of(form["kind"].value() if "kind" in form.fields else None).price)
        return Money(sum(price.amount for price in prices), self.event.currency)

    def is_valid(self) -> bool:
        # All of them, so that each says at once what is missing.
        said = [form.is_valid() for form in (self.own, *self.others)]
        return all(said)

    def places(self) -> list[Place]:
        mine = [Place(self.chosen.kind, None, self.own.answers)] if self.chosen else []
        return mine + [form.place() for form in self.others]

    def refuse(self, refusal: Refused) -> None:
        """Say it where it belongs: at the place it speaks of, else above all."""
        for form in self.others:
            prefix = f"{form.prefix}_"
            if refusal.field and refusal.field.startswith(prefix):
                name = refusal.field.removeprefix(prefix)
                form.add_error(name if name in form.fields else None, str(refusal))
                return
        self.own.add_error(refusal.field if refusal.field in self.own.fields else None, str(refusal))
