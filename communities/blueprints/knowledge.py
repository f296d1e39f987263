from django.utils.translation import gettext_lazy as _

from communities.blueprints import wellbeing
from communities.blueprints.base import Blueprint, CircleSketch, Milestone, QuestionSketch, TierSketch
from communities.blueprints.wellbeing import Goal

KNOWLEDGE = Blueprint(
    key="knowledge",
    name=_("Knowledge"),
    gathers_around=_("Learning something together"),
    value_made=_("Courses, answers, notes"),
    silence=_("Silence is not yet trouble: many learn quietly. Renewal is the judge."),
    silence_is_normal=False,
    hue="#98590b",
    join_policy="open",
    members_open_circles=False,
    circles=(
        CircleSketch("questions", _("Questions"), _("Ask what you are stuck on; answer what you know")),
        CircleSketch("study-rooms", _("Study rooms"), _("Learn at the same pace as others")),
        CircleSketch("notes", _("Notes"), _("What members wrote down for one another")),
    ),
    tiers=(
        TierSketch("reader", _("Reader"), _("Reads and asks"), 10, is_default=True),
        TierSketch("learner", _("Learner"), _("Takes the courses"), 20),
        TierSketch("teacher", _("Teacher"), _("Answers and teaches"), 30),
    ),
    questions=(
        QuestionSketch(_("What do you want to be able to do in three months?"), required=True),
        QuestionSketch(
            _("How much do you know already?"), "choice", (_("Just starting"), _("Some"), _("A lot"))
        ),
    ),
    milestone=Milestone(_("Finished a lesson or asked"), frozenset({"completed", "asked"})),
    dashboard=("active_members", "retention", "contribution", "activation"),
    health=(
        Goal(wellbeing.RENEWAL, target=0.7, weight=5),
        Goal(wellbeing.KEPT_PAYING, target=0.5, weight=2),
        Goal(wellbeing.MILESTONE, target=0.4, weight=3),
    ),
)
