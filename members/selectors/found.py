"""Members as the one search finds them: those of the directory, by name, with what they show there."""

from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from kernel import keyset, search
from kernel.search import Asked, Found, Hit, Source
from members.models import Membership
from members.selectors import people_directory as directory


def register() -> None:
    search.add(Source("members", _("Members"), members))


def members(request: Any, asked: Asked, cursor: str, size: int) -> Found:
    """Those whose name holds every word, or is read so, by name. To a program as well nobody is told who is not listed."""
    wanted = directory.Wanted(text=" ".join(asked.words))
    rows = directory.narrow(directory.matching(community=request.community, wanted=wanted))
    page = keyset.page(rows, order=directory.BY_NAME, size=size, cursor=cursor)
    return Found([_hit(request, member, asked) for member in page.rows], page.after)


def _hit(request: Any, member: Membership, asked: Asked) -> Hit:
    person = directory.person(member, fields=())
    return Hit(
        key=str(person.number),
        url=reverse("members:person", args=[request.community.slug, person.number]),
        title=search.marked(person.name, asked.words),
        excerpt=escape(Truncator(person.introduction or person.place).chars(search.AROUND)),
        author=person.number,
        by=person.name,
    )
