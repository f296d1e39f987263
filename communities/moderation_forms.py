"""Forms of reporting, and of those who keep order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import Case, Circle, Reason, TalkRules
from communities.services.appeals import LONGEST as LONGEST_APPEAL
from communities.services.appeals import LONGEST_ANSWER
from communities.services.reports import LONGEST

#: How long a mute lasts, in hours, as it is offered.
HOURS = (
    (1, _("one hour")),
    (24, _("one day")),
    (72, _("three days")),
    (168, _("one week")),
    (720, _("30 days")),
)


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=[(reason.value, reason.label) for reason in Reason if reason != Reason.RULE],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("A few words"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What those should know who look at it. Needed for “something else”."),
    )


class DecideForm(forms.Form):
    """What belongs to one act; the act itself is chosen in the address."""

    circle = forms.ModelChoiceField(
        label=_("Circle"), queryset=Circle.objects.none(), empty_label=_("Choose a circle")
    )
    hours = forms.TypedChoiceField(
        label=pgettext_lazy("mute", "For how long"), choices=HOURS, coerce=int, initial=24
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads it: say what you would like to be told."),
    )
    hides = forms.BooleanField(label=_("Hide what they wrote as well"), required=False, initial=True)

    def __init__(self, *args: Any, act: str, places: Sequence[Circle] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        upon_people = {Case.Act.WARN, Case.Act.MUTE, Case.Act.RESTRICT, Case.Act.REMOVE}
        kept = {"reason"} - {"reason" if act == Case.Act.KEEP else ""}
        kept |= {"circle"} if act == Case.Act.MOVE else set()
        kept |= {"hours"} if act == Case.Act.MUTE else set()
        kept |= {"hides"} if act in upon_people else set()
        for name in set(self.fields) - kept:
            del self.fields[name]
        if "circle" in self.fields:
            found = Circle.objects.filter(pk__in=[place.pk for place in places])
            self.fields["circle"].queryset = found  # type: ignore[attr-defined]


class MoveForm(DecideForm):
    """Where a post belongs; the reason is for its author, where that is somebody else."""

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, act=Case.Act.MOVE, **kwargs)
        if is_own:
            del self.fields["reason"]


class MeasureForm(forms.Form):
    """A warning or a mute from the member's page."""

    act = forms.ChoiceField(
        label=pgettext_lazy("moderation", "What is to be done"),
        choices=[
            ("warn", pgettext_lazy("moderation", "Warn")),
            ("mute", pgettext_lazy("moderation", "Mute for a time")),
        ],
        widget=forms.RadioSelect,
        initial="warn",
    )
    hours = forms.TypedChoiceField(label=_("For how long, when muted"), choices=HOURS, coerce=int, initial=24)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads it: say what you would like to be told."),
    )


class AppealForm(forms.Form):
    words = forms.CharField(
        label=_("What you say to it"),
        max_length=LONGEST_APPEAL,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Why it should be lifted, in your own words. You can appeal once."),
    )


class AppealAnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads it: say what you would like to be told."),
    )


class Lines(forms.CharField):
    """A list of texts, one on each line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(required=False, max_length=60_000, **options)

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class TalkRulesForm(forms.Form):
    held_words = Lines(
        label=_("Words that are held for approval"),
        help_text=_(
            "One word or phrase on each line, in any case. Only whole words are found; Chinese is found wherever it "
            "stands, so take phrases that mean nothing else."
        ),
    )
    refused_words = Lines(
        label=_("Words that are refused"), help_text=_("The member is told which, and keeps what they wrote.")
    )
    reported_words = Lines(
        label=_("Words that are reported"), help_text=_("It is there at once, and stands among the reports.")
    )
    links = forms.ChoiceField(label=_("Links of newcomers to other sites"), choices=TalkRules.Links.choices)
    domains = Lines(
        label=_("Sites that may always be linked to"), help_text=_("One on each line, as example.org.")
    )
    new_days = forms.IntegerField(label=_("A member is new for so many days"), min_value=0, max_value=365)
    new_kept = forms.IntegerField(
        label=_("or until so many of their texts have stayed for a day"), min_value=0, max_value=100
    )
    new_per_hour = forms.IntegerField(
        label=_("Posts, and comments, of a newcomer in an hour"), min_value=0, max_value=30
    )
    new_links = forms.IntegerField(label=_("Links of a newcomer in a text"), min_value=0, max_value=100)
    new_mentions = forms.IntegerField(label=_("Mentions of a newcomer in a text"), min_value=0, max_value=100)

    @classmethod
    def shown(cls, rules: TalkRules) -> dict[str, Any]:
        """The rules as the form shows them."""
        found = {name: getattr(rules, name) for name in cls.base_fields}
        return {name: "\n".join(value) if isinstance(value, list) else value for name, value in found.items()}
