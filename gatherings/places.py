"""Where the rooms of this app stand in the shells."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from gatherings.access import MANAGE
from gatherings.models import Chapter
from gatherings.services import chapters
from kernel import places


def register() -> None:
    places.filled_by(
        "has_chapters",
        lambda: Exists(
            Chapter.objects.filter(community=OuterRef("community_id"), circle__archived_at__isnull=True)
        ),
    )
    places.add(
        "events",
        label=_("Events"),
        icon="events",
        url_name="gatherings:events",
        order=17,
        shell=places.ROOMS,
        public=True,
    )
    places.add(
        "events",
        label=_("Events"),
        icon="events",
        url_name="gatherings:desk_events",
        permission=MANAGE,
        order=50,
    )
    places.add(
        "all_events",
        label=_("All gatherings"),
        icon="events",
        url_name="gatherings:desk_events",
        permission=MANAGE,
        order=10,
        shell=places.EVENTS,
    )
    places.add(
        "proposals",
        label=_("Proposals"),
        icon="spark",
        url_name="gatherings:proposals",
        permission=MANAGE,
        order=20,
        shell=places.EVENTS,
        waits="proposals",
    )
    places.add(
        "chapters",
        label=_("Chapters"),
        icon="circles",
        url_name="gatherings:found_chapter",
        permission=chapters.MANAGE,
        order=30,
        shell=places.EVENTS,
    )
    places.add(
        "chapters",
        label=_("Chapters"),
        icon="circles",
        url_name="gatherings:chapters",
        order=18,
        shell=places.ROOMS,
        filled="has_chapters",
        opened_by=chapters.MANAGE,
    )
    places.add(
        "gathering_rules",
        label=_("Gatherings"),
        icon="settings",
        url_name="gatherings:rules",
        permission="events.settings",
        order=32,
        shell=places.SETTINGS,
    )
