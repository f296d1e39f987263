"""Where the rooms of this app stand in the shells."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.services import measures
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
        "content",
        label=pgettext_lazy("place of the desk", "Content"),
        icon="content",
        url_name="communities:reports",
        permission=measures.MODERATE,
        order=60,
        counted_at="communities:reports_waiting",
    )
    places.add(
        "reports",
        label=_("Reports"),
        icon="shield",
        url_name="communities:reports",
        permission=measures.MODERATE,
        order=10,
        shell=places.CONTENT,
        waits="reports",
    )
    places.add(
        "message_reports",
        label=_("Reported messages"),
        icon="mail",
        url_name="communities:message_reports",
        permission=measures.MODERATE,
        order=15,
        shell=places.CONTENT,
        waits="message_reports",
    )
    places.add(
        "appeals",
        label=_("Appeals"),
        icon="ties",
        url_name="communities:appeals",
        permission=measures.MODERATE,
        order=20,
        shell=places.CONTENT,
        waits="appeals",
    )
    places.add(
        "moderation_log",
        label=pgettext_lazy("of moderation", "Log"),
        icon="history",
        url_name="communities:moderation_log",
        permission=measures.MODERATE,
        order=30,
        shell=places.CONTENT,
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
        exact=True,
    )
    places.add(
        "feed",
        label=pgettext_lazy("what is written", "Latest"),
        icon="spark",
        url_name="communities:feed",
        order=12,
        shell=places.ROOMS,
    )
    places.add(
        "circles",
        label=_("Circles"),
        icon="circles",
        url_name="communities:circle_rooms",
        order=15,
        shell=places.ROOMS,
    )
    places.add(
        "applications",
        label=_("Applications"),
        icon="file",
        url_name="communities:applications",
        permission="members.change",
        order=20,
        shell=places.MEMBERS,
        waits="applications",
    )
    places.add(
        "circle_requests",
        label=_("Circle requests"),
        icon="heart",
        url_name="communities:circle_requests",
        permission="circles.admit",
        order=30,
        shell=places.MEMBERS,
        waits="circle_requests",
    )
    places.add(
        "messages",
        label=_("Messages"),
        icon="chat",
        url_name="communities:messages",
        order=35,
        shell=places.ROOMS,
    )
    for order, key, label, permission in (
        (10, "settings", _("General"), "settings.change"),
        (28, "circles", _("Circles"), "circles.manage"),
        (15, "joining", _("Joining"), "settings.change"),
        (17, "tiers", _("Tiers"), "tiers.manage"),
        (29, "reactions", _("Reactions"), "settings.change"),
        (31, "talk_rules", _("What may be written"), "settings.change"),
        (30, "keys", _("API keys"), "api_keys.manage"),
        (40, "roles", _("Roles"), "desk.enter"),
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
