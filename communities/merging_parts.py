"""What of this app goes over to the record that is kept, and what stays with the one that was merged."""

from django.utils.translation import gettext_lazy as _

from communities.models import Application, CircleMembership, CircleRequest
from kernel import merging


def register() -> None:
    merging.add(
        merging.once(
            "communities.circles",
            label=_("Circles"),
            model=CircleMembership,
            field="membership",
            same=("circle",),
        )
    )
    merging.add(
        merging.once(
            "communities.circle_requests",
            label=_("Requests for circles"),
            model=CircleRequest,
            field="membership",
            same=("circle",),
            only={"state": CircleRequest.State.OPEN},
        )
    )
    # One that is undecided keeps its record from being merged at all.
    merging.add(
        merging.rows(
            "communities.applications", label=_("Applications"), model=Application, field="membership"
        )
    )
    merging.stay(
        "It says who acted then, by whatever record.",
        "communities.Application.decided_by",
        "communities.Reference.member",
        "communities.ApiKey.created_by",
        "communities.CircleRequest.decided_by",
    )
