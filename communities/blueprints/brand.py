from django.utils.translation import gettext_lazy as _

from communities.blueprints import wellbeing
from communities.blueprints.base import Blueprint, CircleSketch, Milestone, QuestionSketch, TierSketch
from communities.blueprints.wellbeing import Goal

BRAND = Blueprint(
    key="brand",
    name=_("Brand"),
    gathers_around=_("What a brand means to its members"),
    value_made=_("Advocacy, campaigns, stories"),
    silence=_("Silence means the brand is fading from their days."),
    silence_is_normal=False,
    hue="#bf305f",
    join_policy="open",
    members_open_circles=False,
    circles=(
        CircleSketch("stories", _("Stories"), _("Moments with the brand, told by members")),
        CircleSketch("campaigns", _("Campaigns"), _("What we are doing together this season")),
        CircleSketch("behind-the-scenes", _("Behind the scenes"), _("First looks and open questions")),
    ),
    tiers=(
        TierSketch("fan", _("Fan"), _("Follows and takes part"), 10, is_default=True),
        TierSketch("advocate", _("Advocate"), _("Carries campaigns to friends"), 20),
        TierSketch("ambassador", _("Ambassador"), _("Speaks for the brand, with checked results"), 30),
    ),
    questions=(
        QuestionSketch(_("How did you first meet the brand?")),
        QuestionSketch(
            _("What would you enjoy doing?"),
            "several",
            (_("Telling stories"), _("Joining campaigns"), _("Meeting others"), _("Testing new things")),
        ),
    ),
    milestone=Milestone(_("Took part in a campaign"), frozenset({"completed", "shared"})),
    dashboard=("members", "active_members", "contribution", "retention"),
    health=(
        Goal(wellbeing.MILESTONE, target=0.25, weight=3),
        Goal(wellbeing.REFERRAL, target=0.3, weight=3),
        Goal(wellbeing.CONTRIBUTORS, target=0.2, weight=2),
        Goal(wellbeing.RETENTION, target=0.2, weight=2),
        Goal(wellbeing.STEADY, target=0.1, weight=1),
    ),
)
