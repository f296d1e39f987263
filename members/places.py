"""Where the rooms of this app stand in the shells."""

from django.utils.translation import gettext_lazy as _

from kernel import places

#: The rooms of the ways in share a tab; an app above this one adds what they cost.
CHANNELS = _("Channels")


def register() -> None:
    places.add(
        "members",
        label=_("Members"),
        icon="members",
        url_name="members:desk",
        permission="members.view",
        order=20,
    )
    places.add(
        "members",
        label=_("Members"),
        icon="members",
        url_name="members:desk",
        permission="members.view",
        order=10,
        shell=places.MEMBERS,
    )
    places.add(
        "duplicates",
        label=_("Duplicates"),
        icon="members",
        url_name="members:duplicates",
        permission="members.merge",
        order=80,
        shell=places.MEMBERS,
    )
    places.add(
        "forest",
        label=_("Trees"),
        icon="growth",
        url_name="members:forest",
        permission="members.view",
        order=15,
        shell=places.GROWTH,
    )
    places.add(
        "links",
        label=_("Links"),
        icon="link",
        url_name="members:links",
        permission="invitations.manage",
        order=20,
        shell=places.GROWTH,
        group=CHANNELS,
    )
    places.add(
        "letters",
        label=_("Letters"),
        icon="mail",
        url_name="members:letters",
        permission="invitations.manage",
        order=30,
        shell=places.GROWTH,
        group=CHANNELS,
    )
    places.add(
        "tree",
        label=_("My tree"),
        icon="growth",
        url_name="members:tree",
        order=60,
        shell=places.ROOMS,
    )
    places.add(
        "imports",
        label=_("Import"),
        icon="upload",
        url_name="members:imports",
        permission="imports.run",
        order=20,
        shell=places.SETTINGS,
    )
    places.add(
        "mail",
        label=_("Letters"),
        icon="mail",
        url_name="members:mail",
        permission="mail.manage",
        order=26,
        shell=places.SETTINGS,
    )
    places.add(
        "audit",
        label=_("Audit log"),
        icon="history",
        url_name="members:audit",
        permission="audit.view",
        order=50,
        shell=places.SETTINGS,
    )
    places.add(
        "people",
        label=_("People"),
        icon="members",
        url_name="members:people",
        order=20,
        shell=places.ROOMS,
    )
    places.add(
        "own",
        label=_("My membership"),
        icon="me",
        url_name="members:own",
        order=80,
        shell=places.ROOMS,
    )
    places.add(
        "privacy",
        label=_("Privacy"),
        icon="shield",
        url_name="members:keeping",
        permission="settings.change",
        order=45,
        shell=places.SETTINGS,
    )
    places.add(
        "fields",
        label=_("Member fields"),
        icon="columns",
        url_name="members:fields",
        permission="members.fields",
        order=33,
        shell=places.SETTINGS,
    )
