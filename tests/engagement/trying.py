"""Experiments as staff plan and start them."""

from dataclasses import replace

from engagement.models import Experiment
from engagement.selectors.trials import trials
from engagement.services import experiments
from tests import make


def an_experiment(
    community,
    trial="welcome",
    *,
    base=0.2,
    least=0.5,
    at=make.EARLY,
    by=make.SITE,
    title="Try",
    text="Come and see",
    language="",
):
    """One that is planned: its first text, in a language where one is given, says something else in B."""
    standing = trials.get(trial).in_force(community)
    first = next(piece for piece in standing if piece.key.startswith(language))
    b = [replace(piece, text=text) if piece is first else piece for piece in standing]
    given = {"trial": trial, "title": title, "b": b, "base": base, "least": least}
    return experiments.plan(community=community, at=at, by=by, **given)


def running(community, trial="welcome", *, size=None, at=make.EARLY, **fields):
    """One that runs, with so many in each arm."""
    planned = an_experiment(community, trial, at=at, **fields)
    if size is not None:
        Experiment.objects.filter(pk=planned.pk).update(size=size)
    return experiments.start(experiment=planned, at=at, by=make.SITE)


def of_each_kind(community, *, at):
    """One planned, one that runs, one that was stopped and one that has ended."""
    planned = an_experiment(community, "join-questions", title="Fewer questions", at=at)
    going = running(community, "invitation", title="A shorter letter", at=at)
    stopped = experiments.stop(experiment=running(community, title="Two lines", at=at), at=at, by=make.SITE)
    return [planned, going, stopped, ended(community, at=at)]


def ended(community, *, at=make.EARLY, title="Warmer words", a=(150, 30), b=(150, 52), **fields):
    """One of which it is known what came of it, as `end` leaves it."""
    done = running(community, title=title, at=at, **fields)
    Experiment.objects.filter(pk=done.pk).update(
        state="ended", result=a_result(a=a, b=b, merged=[0]), over_at=at
    )
    return Experiment.objects.get(pk=done.pk)


def a_result(*, a=(0, 0), b=(0, 0), counted=(), merged=()):
    """As `end` keeps it: those judged in each arm, and of them with the outcome; by place, how much; who is left out."""
    return {"a": list(a), "b": list(b), "counted": [list(one) for one in counted], "merged": list(merged)}
