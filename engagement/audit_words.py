"""How the audit log speaks of what is done to facts."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.blueprints.wellbeing import COMPONENTS
from engagement import verbs
from engagement.models import Experiment, Spend, WeekAct
from engagement.selectors.rules import rules
from engagement.selectors.trials import trials
from engagement.services import checks
from kernel import words
from kernel.metrics import metrics
from members import audit_values, audit_words
from members.audit_values import Known
from members.services import audit


def register() -> None:
    audit.actions.add("facts.retracted", _("Took the facts of a file back"))
    audit_words.actions.add("figure.checked", _("Had a figure counted again from the facts"))
    audit_words.actions.add("figure.differed", _("Found that a figure is not what the facts come to"))
    audit_words.site.add(checks.SITE, _("Check of a figure"))
    audit_words.add_kind(
        "figure",
        _("Figure"),
        fields={
            "as_of": _("holds for"),
            "asked": _("parameters"),
            "differing": _("values that differ"),
        },
        called=_figure,
    )
    audit_words.add_kind("batch", _("Facts of a file"), fields={"facts": _("facts")})
    # A group's name on the log's own page.
    audit_words.add_kind("facts", _("Facts"), fields={"facts": _("facts")})
    audit_words.add_way("community", "score_weights", _weights)
    audit.actions.add("community.health_changed", _("Changed the targets of the well-being"))
    audit_words.add_way("community", "health", _goals)
    for key, label in (
        ("week_act.done", _("Did what was worth doing")),
        ("week_act.set_aside", _("Set aside what was worth doing")),
        ("week_act.taken_up_again", _("Took up again what was worth doing")),
    ):
        audit.actions.add(key, label)
    _add_of_experiments()
    for key, label in (
        ("introduction.made", _("Introduced two members")),
        ("introduction.set_aside", _("Said that two are not to be introduced")),
        ("introduction.taken_up_again", _("Let two be proposed for an introduction again")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "introduction",
        pgettext_lazy("of members to one another", "Introduction"),
        fields={"low": _("one of the two"), "high": _("the other of the two")},
        says={"low": audit_values.member, "high": audit_values.member},
    )
    for key, label in (
        ("spend.entered", _("Entered what a channel cost")),
        ("spend.changed", _("Changed what a channel cost")),
        ("spend.removed", _("Removed what a channel cost")),
        ("spend.taken_back", _("Took back what a channel cost")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "spend",
        _("Cost of a channel"),
        model=Spend,
        says={"amount": audit_values.plain},
        called=audit_values.plain,
    )
    audit_words.add_kind(
        "week_act",
        _("Act of a week"),
        model=WeekAct,
        fields={"rule": _("rule")},
        says={"rule": _rule},
    )


def _figure(value: Any, known: Known) -> str:
    return str(metrics.get(value).title) if value in metrics else str(value)


def _add_of_experiments() -> None:
    for key, label in (
        ("experiment.planned", _("Planned an experiment")),
        ("experiment.started", _("Started an experiment")),
        ("experiment.stopped", _("Stopped an experiment")),
        ("experiment.ended", _("An experiment ended")),
        ("experiment.taken", _("Took words of an experiment for good")),
    ):
        audit.actions.add(key, label)
    audit_words.site.add("Experiments", _("Experiments"))
    audit_words.add_kind(
        "experiment",
        _("Experiment"),
        model=Experiment,
        fields={"a": _("words A"), "b": _("words B")},
        says={"subject": _subject, "a": _texts, "b": _texts},
        called=audit_values.still_there(_titles),
    )


def _titles(community: Any) -> dict[str, str]:
    rows = Experiment.objects.of(community.id).values_list("key", "title")
    return {str(key): title for key, title in rows}


def _subject(value: Any, known: Known) -> str:
    return next((str(one.label) for one in trials if one.subject == value), str(value))


def _texts(value: Any, known: Known) -> str:
    return " · ".join(str(text) for text in value)


def _weights(value: Any, known: Known) -> str:
    return words.listed(words.named(verbs.noun(verb), words.number(weight)) for verb, weight in value.items())


def _rule(value: Any, known: Known) -> str:
    """What is done by it, as its button says."""
    return str(rules.get(value).act) if value in rules else str(value)


def _goals(value: Any, known: Known) -> str:
    """Each component with its target and weight."""
    return words.listed(
        words.named(COMPONENTS[key].name, f"{words.number(target)} · {words.number(weight)}")
        for key, (target, weight) in value.items()
        if key in COMPONENTS
    )
