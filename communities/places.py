"""Where the rooms of this app stand in the shells."""

from django.utils.translation import gettext_lazy as _

from kernel import places


def register() -> None:
    places.add(
        "today",
        label=_("Today"),
        icon="today",
        url_name="communities:today",
        permission="desk.enter",
        order=10,
    )
    places.add(
        "settings",
        label=_("Settings"),
        icon="settings",
        url_name="communities:settings",
        permission="settings.change",
        order=90,
    )
    places.add(
        "home",
        label=_("Home"),
        icon="home",
        url_name="communities:home",
        order=10,
        shell=places.ROOMS,
        public=True,
    )
    for order, key, label, permission in (
        (10, "settings", _("General"), "settings.change"),
        (28, "circles", _("Circles"), "circles.manage"),
        (15, "joining", _("Joining"), "settings.change"),
        (17, "tiers", _("Tiers"), "tiers.manage"),
        (30, "keys", _("API keys"), "api_keys.manage"),
        (40, "roles", _("Roles and tiers"), "desk.enter"),
    ):
        places.add(
            key,
            label=label,
            icon="settings",
            url_name=f"communities:{key}",
            permission=permission,
            order=order,
            shell=places.SETTINGS,
        )
