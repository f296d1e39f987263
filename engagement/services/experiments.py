"""Experiments with words: planned, started, stopped, ended once everybody's outcome is known, and taken for good."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.metrics import _newcombe
from engagement.models import Experiment
from engagement.selectors.trials import Trial, trials
from engagement.services import arms, wordings
from kernel import words
from kernel.errors import Refused
from kernel.locks import held
from kernel.trials import Piece
from members.actors import Actor
from members.services import audit, powers

MANAGE = "settings.change"
#: The largest experiment: more than that nobody waits for.
LARGEST = 500_000
State = Experiment.State


@transaction.atomic
def plan(
    *,
    community: Community,
    trial: str,
    title: str,
    b: Sequence[Piece],
    base: float,
    least: float,
    at: datetime,
    by: Actor,
    seed: int | None = None,
) -> Experiment:
    """Write down what is to be tried against what is in force: nobody is assigned before it is started. `base` is the share
    of today, `least` the smallest difference worth noticing; from them follows how many it takes. `seed` (48 bits) says who
    meets which arm; it is drawn by chance unless a demo is to be the same each time.

    Raises `Refused`: for an unknown kind (field `trial`), without a title, for words that do not fit or are those in force
    (field `b`), for shares between which no difference can be (`base`, `least`), and for who may not change them.
    """
    kind = _kind(trial)
    _guard(kind, by)
    title = words.one_line(title)[:120].strip()
    if not title:
        raise Refused(_("Say what it is about."), code="required", field="title")
    if not 0 <= base <= 1:
        raise Refused(_("A share lies between 0 and 100%."), code="range", field="base")
    in_force = kind.in_force(community)
    tried = wordings.of(kind).checked(community, in_force, list(b))
    if tried == in_force:
        raise Refused(_("B is what stands today: change something."), code="same", field="b")
    made = Experiment.objects.create(
        community_id=community.pk,
        subject=kind.subject,
        title=title,
        base=base,
        least=least,
        size=_size(base, least),
        seed=secrets.randbits(48) if seed is None else seed,
        a=[asdict(piece) for piece in in_force],
        b=[asdict(piece) for piece in tried],
        planned_at=at,
    )
    _record("experiment.planned", made, at=at, by=by, after=_told(made))
    return made


@transaction.atomic
def start(*, experiment: Experiment, at: datetime, by: Actor) -> Experiment:
    """Assign from now on whoever meets the words. A is what stands in force now; size and words are fixed from here.

    Raises `Refused` for one that is not planned (`not_now`), while another one runs with the same words (`running`), where
    the words in force have become B's or the questions are others (`same`, `changed`), and for who may not change them.
    """
    kind = _kind_of(experiment)
    _guard(kind, by)
    # The words before the experiment, as who changes them takes them.
    wordings.of(kind).hold(experiment.community_id)
    experiment = held(Experiment.objects.filter(pk=experiment.pk)).get()
    if experiment.state != State.PLANNED:
        raise Refused(_("It was started or given up already."), code="not_now")
    if Experiment.objects.running(experiment.community_id, experiment.subject).exists():
        raise Refused(_("Another experiment with these words is running: one at a time."), code="running")
    community = Community.objects.get(pk=experiment.community_id)
    in_force = kind.in_force(community)
    tried = wordings.of(kind).checked(community, in_force, pieces(experiment.b))
    if tried == in_force:
        raise Refused(_("B is what stands today by now."), code="same")
    experiment.a = [asdict(piece) for piece in in_force]
    experiment.b = [asdict(piece) for piece in tried]
    experiment.state, experiment.started_at = State.RUNNING, at
    experiment.save(update_fields=["a", "b", "state", "started_at"])
    _record("experiment.started", experiment, at=at, by=by, after=_told(experiment))
    return experiment


@transaction.atomic
def stop(*, experiment: Experiment, at: datetime, by: Actor) -> Experiment:
    """Give up a planned one, or stop one that runs: everybody reads what is in force, and what was seen until then is not
    told, now or later. Raises `Refused` for one that is over (`not_now`), and for who may not change the words."""
    _guard(_kind_of(experiment), by)
    experiment = held(Experiment.objects.filter(pk=experiment.pk)).get()
    if experiment.state not in (State.PLANNED, State.RUNNING):
        raise Refused(_("It is over already."), code="not_now")
    experiment.state, experiment.over_at = State.STOPPED, at
    experiment.assigned = experiment.assignments.count()
    experiment.save(update_fields=["state", "over_at", "assigned"])
    _record("experiment.stopped", experiment, at=at, by=by, after={"state": State.STOPPED.value})
    return experiment


@transaction.atomic
def take(*, experiment: Experiment, arm: str, at: datetime, by: Actor) -> Experiment:
    """Put the words of an arm in force for everybody, through the service that keeps them. Raises `Refused` before it has
    ended or once one was taken (`not_now`), where its words do not fit any more, and for who may not change them."""
    kind = _kind_of(experiment)
    _guard(kind, by)
    wordings.of(kind).hold(experiment.community_id)
    experiment = held(Experiment.objects.filter(pk=experiment.pk)).get()
    if experiment.state != State.ENDED or experiment.taken:
        raise Refused(_("There is nothing to take now."), code="not_now")
    if arm not in arms.ARMS:
        raise Refused(_("There are A and B."), code="unknown", field="arm")
    community = Community.objects.get(pk=experiment.community_id)
    chosen = pieces(experiment.a if arm == "A" else experiment.b)
    wordings.of(kind).put_in_force(community, chosen, at=at, by=by)
    experiment.taken, experiment.taken_at = arm, at
    experiment.save(update_fields=["taken", "taken_at"])
    _record("experiment.taken", experiment, at=at, by=by, after={"taken": arm})
    return experiment


def due(*, at: datetime) -> list[int]:
    """Those that run and of which everybody's outcome is known."""
    ripe = Experiment.objects.filter(state=State.RUNNING, matures_at__lte=at).order_by("matures_at", "pk")
    return list(ripe.values_list("pk", flat=True)[:100])


@transaction.atomic
def end(*, experiment_id: int, at: datetime) -> bool:
    """Count once what each arm brought, and say it from now on; whether this was the time. Doing it twice changes nothing."""
    rows = Experiment.objects.filter(pk=experiment_id, state=State.RUNNING, matures_at__lte=at)
    experiment = held(rows).first()
    if experiment is None:
        return False
    units, merged = arms.judged(experiment)
    counted = _kind_of(experiment).counted(experiment.community_id, [seen for _arm, seen in units])
    counts: dict[str, Any] = {
        arm.lower(): [
            sum(one == arm for one, _seen in units),
            sum(one == arm and seen.place in counted for one, seen in units),
        ]
        for arm in arms.ARMS
    }
    experiment.result = counts | {"counted": sorted(counted.items()), "merged": merged}
    experiment.state, experiment.over_at = State.ENDED, at
    experiment.save(update_fields=["result", "state", "over_at"])
    actor = Actor.site("Experiments")
    _record("experiment.ended", experiment, at=at, by=actor, after={"state": State.ENDED.value})
    return True


def pieces(kept: Any) -> list[Piece]:
    """The pieces as they were kept."""
    return [Piece(**one) for one in kept]


def _kind(key: str) -> Trial:
    if key not in trials:
        raise Refused(_("There is no such kind of experiment."), code="unknown", field="trial")
    return trials.get(key)


def _kind_of(experiment: Experiment) -> Trial:
    return next(one for one in trials if one.subject == experiment.subject)


def _guard(kind: Trial, by: Actor) -> None:
    powers.require(by, MANAGE)
    powers.require(by, wordings.of(kind).permission)


def _size(base: float, least: float) -> int:
    try:
        size = _newcombe.size(base, least)
    except ValueError:
        message = _("From this share no other lies so far away.")
        raise Refused(message, code="range", field="least") from None
    if size > LARGEST:
        message = _("That would take %(n)s people in each arm: look for a larger difference.")
        raise Refused(message % {"n": words.number(size)}, code="too_many", field="least")
    return size


def _told(experiment: Experiment) -> dict[str, Any]:
    """What the audit log keeps of it: what is tried, and how many it takes; nothing of what is seen."""
    pairs = [(a, b) for a, b in zip(experiment.a, experiment.b, strict=True) if a != b]
    return {
        "title": experiment.title,
        "subject": experiment.subject,
        "size": experiment.size,
        "a": [a["text"] for a, _b in pairs],
        "b": [b["text"] if b["asked"] is not False else "" for _a, b in pairs],
    }


def _record(action: str, experiment: Experiment, *, at: datetime, by: Actor, after: dict[str, Any]) -> None:
    audit.record(
        action=action,
        object_kind="experiment",
        object_id=experiment.key,
        by=by,
        at=at,
        community_id=experiment.community_id,
        after=after,
    )
