"""Where the rooms of this app stand in the shells."""

from django.utils.translation import gettext_lazy as _

from gatherings.access import MANAGE
from kernel import places
from members.places import CHANNELS


def register() -> None:
    places.add(
        "growth",
        label=_("Growth"),
        icon="growth",
        url_name="engagement:growth",
        permission="figures.view",
        order=30,
    )
    places.add(
        "growing",
        label=_("Overview"),
        icon="growth",
        url_name="engagement:growth",
        permission="figures.view",
        order=10,
        shell=places.GROWTH,
        exact=True,
    )
    places.add(
        "ties",
        label=_("Ties"),
        icon="ties",
        url_name="engagement:ties",
        permission="figures.view",
        order=35,
    )
    places.add(
        "figures",
        label=_("Figures"),
        icon="figures",
        url_name="engagement:figures",
        permission="figures.view",
        order=80,
    )
    places.add(
        "experiments",
        label=_("Experiments"),
        icon="spark",
        url_name="engagement:experiments",
        permission="figures.view",
        order=60,
        shell=places.GROWTH,
    )
    places.add(
        "costs",
        label=_("Costs"),
        icon="money",
        url_name="engagement:spends",
        permission="spends.manage",
        order=40,
        shell=places.GROWTH,
        group=CHANNELS,
    )
    places.add(
        "weights",
        label=_("Weights of the score"),
        icon="settings",
        url_name="engagement:weights",
        permission="settings.change",
        order=25,
        shell=places.SETTINGS,
    )
    places.add(
        "health_goals",
        label=_("Targets of the well-being"),
        icon="settings",
        url_name="engagement:health_goals",
        permission="settings.change",
        order=27,
        shell=places.SETTINGS,
    )
    places.add(
        "cities",
        label=_("Where people are"),
        icon="pin",
        url_name="engagement:cities",
        permission="figures.view",
        order=45,
        shell=places.EVENTS,
    )
    places.add(
        "overview",
        label=_("Overview"),
        icon="money",
        url_name="engagement:money",
        permission="money.view",
        order=10,
        shell=places.MONEY,
    )
    places.add(
        "held_gatherings",
        label=_("Held, in figures"),
        icon="figures",
        url_name="engagement:held_gatherings",
        permission=MANAGE,
        order=15,
        shell=places.EVENTS,
    )
