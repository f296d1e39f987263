from django.utils.translation import gettext_lazy as _

from communities.blueprints import wellbeing
from communities.blueprints.base import Blueprint, CircleSketch, Milestone, QuestionSketch, TierSketch
from communities.blueprints.wellbeing import Goal

INTEREST = Blueprint(
    key="interest",
    name=_("Interest"),
    gathers_around=_("A narrow interest its members share"),
    value_made=_("Gatherings, circles, friendships"),
    silence=_("Silence means the topics are running dry."),
    silence_is_normal=False,
    hue="#1c7a4c",
    join_policy="open",
    members_open_circles=True,
    circles=(
        CircleSketch("introductions", _("Introductions"), _("Say who you are and what brought you")),
        CircleSketch("talk", _("Talk"), _("Anything about what we share")),
        CircleSketch("meetups", _("Meeting up"), _("Who is where, and when shall we meet")),
    ),
    tiers=(
        TierSketch("friend", _("Friend"), _("Reads, talks and comes along"), 10, is_default=True),
        TierSketch("regular", _("Regular"), _("Comes to most gatherings"), 20),
        TierSketch("host", _("Host"), _("Hosts gatherings and circles"), 30),
    ),
    questions=(
        QuestionSketch(_("What about it interests you most?"), required=True),
        QuestionSketch(_("Which city are you in?")),
    ),
    milestone=Milestone(
        _("Spoke up and was answered"),
        frozenset({"posted", "commented", "asked", "shared"}),
        answered=True,
    ),
    dashboard=("active_members", "network", "retention", "activation"),
    health=(
        Goal(wellbeing.RETENTION, target=0.3, weight=3),
        Goal(wellbeing.BY_MEMBERS, target=0.7, weight=2),
        Goal(wellbeing.SHOW_RATE, target=0.7, weight=2),
        Goal(wellbeing.MILESTONE, target=0.3, weight=2),
        Goal(wellbeing.STEADY, target=0.1, weight=1),
        Goal(wellbeing.SELF_ORGANISATION, target=0.6, weight=3),
    ),
)
