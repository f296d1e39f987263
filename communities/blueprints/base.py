"""What a community type is made of: pure data. Services carry it out."""

from dataclasses import dataclass, field

from django.utils.functional import Promise

from communities.blueprints.wellbeing import Goal

Words = str | Promise


@dataclass(frozen=True)
class CircleSketch:
    slug: str
    name: Words
    description: Words


@dataclass(frozen=True)
class TierSketch:
    key: str
    name: Words
    description: Words
    rank: int
    is_default: bool = False


@dataclass(frozen=True)
class QuestionSketch:
    text: Words
    kind: str = "text"
    options: tuple[Words, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Milestone:
    """The act that shows a newcomer has arrived: any of `verbs`, within 14 days of joining.

    With `answered`, the act counts once somebody else has turned to the newcomer (an interaction whose
    target they are): both within the 14 days.
    """

    label: Words
    verbs: frozenset[str]
    answered: bool = False


@dataclass(frozen=True)
class Blueprint:
    """A community type: what people gather around and what its founder finds already laid out.

    `hue` is the type's colour on light paper, as tokens.css has it; `dashboard` are the keys of the figures its desk
    opens with, in order; `silence` tells an operator what a quiet member means in this type; `health` is what its well-being
    is judged on, with the targets and weights of a community that sets none of its own.
    """

    key: str
    name: Words
    gathers_around: Words
    value_made: Words
    silence: Words
    silence_is_normal: bool
    hue: str
    join_policy: str
    members_open_circles: bool
    circles: tuple[CircleSketch, ...]
    tiers: tuple[TierSketch, ...]
    questions: tuple[QuestionSketch, ...]
    milestone: Milestone
    dashboard: tuple[str, ...]
    health: tuple[Goal, ...]
    modules: tuple[str, ...] = field(default=())
