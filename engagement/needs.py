"""What the figures say that an operator is needed for."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import today
from engagement.models.standing import Stage
from kernel import needs, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest


def register() -> None:
    needs.add(_newcomers, permission="members.view")
    needs.add(_drifting, permission="members.view")
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
        )


def _drifting(request: TenantRequest) -> Iterator[Need]:
    """Not where silence is normal: there it says nothing about the member."""
    drifting = today.of(request).stages.get(Stage.DRIFTING.value, 0)
    if drifting and not request.community.blueprint.silence_is_normal:
        address = reverse("members:desk", args=[request.community.slug])
        yield Need(
            weight=20,
            words=ngettext("%(n)s member is drifting away.", "%(n)s members are drifting away.", drifting)
            % {"n": words.number(drifting)},
            hint=str(request.community.blueprint.silence),
            act=_("See who"),
            url=f"{address}?stage={Stage.DRIFTING.value}&sort=-score",
            icon="clock",
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
