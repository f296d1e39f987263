"""What the figures say that an operator is needed for."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import today
from kernel import needs, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest


def register() -> None:
    needs.add(_newcomers, permission="members.view")
    needs.add(_worth_doing, permission="members.view")
    needs.add(_news, permission="figures.view")


def _newcomers(request: TenantRequest) -> Iterator[Need]:
    quiet = today.of(request).quiet
    if quiet.count:
        yield Need(
            weight=50,
            words=ngettext(
                "%(n)s newcomer has not done anything yet. Say hello?",
                "%(n)s newcomers have not done anything yet. Say hello?",
                quiet.count,
            )
            % {"n": words.number(quiet.count)},
            hint=_("They joined in the last 7 days. Whoever is welcomed in the first days stays more often."),
            act=_("See who they are"),
            url="#newcomers",
            icon="members",
            listed=False,
        )


def _worth_doing(request: TenantRequest) -> Iterator[Need]:
    """Of the acts of this week the first that is open. The page lists all of them by itself."""
    told = next((told for told in today.of(request).acts.now if told.is_open), None)
    if told is not None:
        yield Need(
            weight=20,
            words=told.words,
            hint=told.reason,
            act=_("See with whom"),
            url=reverse("engagement:week_act", args=[request.community.slug, told.act.key]),
            icon=told.icon,
            listed=False,
        )


def _news(request: TenantRequest) -> Iterator[Need]:
    """Where nothing waits, the first of the type's figures is the news."""
    leading = next((tile for tile in today.of(request).tiles if tile.headline.value is not None), None)
    if leading is not None:
        yield Need(
            weight=0,
            words=leading.finding,
            hint="",
            act=_("See all figures"),
            url=reverse("engagement:figures", args=[request.community.slug]),
            icon="figures",
        )
