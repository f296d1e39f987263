from django.utils.translation import gettext_lazy as _

from communities.blueprints import wellbeing
from communities.blueprints.base import Blueprint, CircleSketch, Milestone, QuestionSketch, TierSketch
from communities.blueprints.wellbeing import Goal

TOOL = Blueprint(
    key="tool",
    name=_("Tool"),
    gathers_around=_("Getting a job done"),
    value_made=_("Resources, help, integrations"),
    silence=_("Silence is normal: people come when they have a task and leave when it is solved."),
    silence_is_normal=True,
    hue="#0c7383",
    join_policy="open",
    members_open_circles=False,
    circles=(
        CircleSketch("requests", _("Requests"), _("Say what you need done; take what you can do")),
        CircleSketch("resources", _("Resources"), _("Templates, scripts and guides that save time")),
        CircleSketch("integrations", _("Integrations"), _("Making it work with everything else")),
    ),
    tiers=(
        TierSketch("user", _("User"), _("Finds and asks"), 10, is_default=True),
        TierSketch("helper", _("Helper"), _("Solves what others ask"), 20),
        TierSketch("keeper", _("Keeper"), _("Keeps the resources in order"), 30),
    ),
    questions=(
        QuestionSketch(_("Which job do you want to get done?"), required=True),
        QuestionSketch(_("Which other tools do you use?")),
    ),
    milestone=Milestone(_("Solved a task"), frozenset({"used", "accepted", "completed"})),
    dashboard=("members", "active_members", "activation", "contribution"),
    health=(
        Goal(wellbeing.SOLVED, target=0.6, weight=5),
        Goal(wellbeing.USE, target=0.2, weight=3),
        Goal(wellbeing.MILESTONE, target=0.4, weight=2),
    ),
)
