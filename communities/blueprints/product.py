from django.utils.translation import gettext_lazy as _

from communities.blueprints import wellbeing
from communities.blueprints.base import Blueprint, CircleSketch, Milestone, QuestionSketch, TierSketch
from communities.blueprints.wellbeing import Goal

PRODUCT = Blueprint(
    key="product",
    name=_("Product"),
    gathers_around=_("A product its members help to make"),
    value_made=_("Ideas that ship, tests, answers, first sales"),
    silence=_("Silence means trouble: testers who stop talking have stopped using."),
    silence_is_normal=False,
    hue="#454bc6",
    join_policy="open",
    members_open_circles=False,
    circles=(
        CircleSketch("ideas", _("Ideas"), _("What should be built next, and why")),
        CircleSketch("testing", _("Testing"), _("Try the next release and say what broke")),
        CircleSketch("help", _("Help"), _("Questions about using it, answered by those who do")),
        CircleSketch("showcase", _("Showcase"), _("What members made with it")),
    ),
    tiers=(
        TierSketch("user", _("User"), _("Follows along, votes and asks"), 10, is_default=True),
        TierSketch("tester", _("Tester"), _("Tries releases before everyone else"), 20),
        TierSketch("maker", _("Maker"), _("Shaped something that shipped"), 30),
    ),
    questions=(
        QuestionSketch(_("What do you use the product for?")),
        QuestionSketch(
            _("Would you like to test releases before they are out?"), "choice", (_("Yes"), _("Not now"))
        ),
    ),
    milestone=Milestone(_("Voted or proposed an idea"), frozenset({"voted", "proposed"})),
    dashboard=("active_members", "activation", "retention", "contribution"),
    health=(
        Goal(wellbeing.MILESTONE, target=0.4, weight=3),
        Goal(wellbeing.RETENTION, target=0.3, weight=3),
        Goal(wellbeing.ANSWERED, target=0.8, weight=2),
        Goal(wellbeing.CONTRIBUTORS, target=0.25, weight=2),
        Goal(wellbeing.STEADY, target=0.1, weight=1),
        Goal(wellbeing.SELF_ORGANISATION, target=0.5, weight=2),
    ),
)
