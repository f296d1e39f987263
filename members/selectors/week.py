"""What the weekly digest tells of members: who has come."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel import words
from kernel.digests import Week
from kernel.mails import Line, Section
from members.access import listed_q
from members.models import Membership
from members.roles import COUNTED

#: Newcomers called by name; of the others it is told how many they are.
NAMED = 8


def newcomers(week: Week) -> Section | None:
    """Who joined in the week and is still here; by name who is in the directory."""
    came = Membership.objects.of(week.community.id).filter(
        status__in=COUNTED, joined_at__gte=week.start, joined_at__lt=week.end
    )
    count = came.count()
    if not count:
        return None
    named = [
        Line(member.display_name + (f", {member.city}" if _shows_city(member) else ""))
        for member in came.filter(listed_q()).order_by("joined_at", "number")[:NAMED]
    ]
    rest = count - len(named)
    if rest:
        told = {"n": words.number(rest)}
        others = (
            ngettext("and %(n)s more", "and %(n)s more", rest)
            if named
            else ngettext("%(n)s new member", "%(n)s new members", rest)
        )
        named.append(Line(others % told))
    return Section(title=_("Newcomers"), lines=tuple(named))


def _shows_city(member: Membership) -> bool:
    return bool(member.city) and "city" in member.shown
