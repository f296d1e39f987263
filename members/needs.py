"""What of this app's an operator is needed for."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import needs
from kernel.needs import Need
from members.selectors import people


def register() -> None:
    needs.add(_alone, permission="imports.run")


def _alone(request: HttpRequest) -> Iterator[Need]:
    """A community of nobody but its staff begins by bringing its members in."""
    if not people.is_anybody_else(request.community):
        yield Need(
            weight=100,
            words=_("Nobody is here yet. Bring your members in."),
            hint=_(
                "A file of who they are and when they joined is enough for the first figures; a file of what "
                "they did brings the rest to life. Or let people join at the community's own address."
            ),
            act=_("Import a file"),
            url=reverse("members:imports", args=[request.community.slug]),
            icon="upload",
        )
