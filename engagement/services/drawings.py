"""The picture of the network: drawn by a worker once the figures are there, and kept until they change."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from communities.models import Community
from engagement.models import Figure, MemberStanding, NetworkDrawing, RollupState
from engagement.models.standing import GONE_QUIET, Risk
from engagement.selectors import drawing, loading
from engagement.selectors import figures as known
from engagement.selectors.figures import FigureResult, Question
from kernel import locks
from kernel.metrics import metrics

LOCK = "engagement.drawing"


@transaction.atomic
def bring(*, community: Community) -> bool:
    """Draw the network of the last refresh, unless that is what is drawn already; whether anything was drawn."""
    if not locks.try_advisory(name=LOCK, key=community.pk):
        return False
    network, bridges = (_stored(community, key) for key in ("network", "bridges"))
    if network is None:
        return False
    kept = NetworkDrawing.objects.filter(pk=community.pk, version=drawing.VERSION)
    if kept.filter(as_of=network.as_of, figure_at=network.computed_at).exists():
        return False
    history = loading.history(community=community, as_of=network.as_of)
    found = drawing.picture(history, network.data)
    found["around"] = drawing.around(history, _in_order(community, bridges))
    NetworkDrawing.objects.update_or_create(
        community_id=community.pk,
        defaults={
            "as_of": network.as_of,
            "figure_at": network.computed_at,
            "version": drawing.VERSION,
            "data": found,
        },
    )
    return True


def due() -> list[int]:
    """The communities whose network was computed and is not drawn yet."""
    drawn = NetworkDrawing.objects.filter(
        pk=OuterRef("community_id"), version=drawing.VERSION, figure_at=OuterRef("computed_at")
    )
    metric = metrics.get("network")
    standing = RollupState.objects.filter(pk=OuterRef("community_id"))
    computed = Figure.objects.filter(
        Exists(standing.filter(as_of=OuterRef("as_of"), generation=OuterRef("generation"))),
        key=metric.key,
        asked=Question.of(metric, {}).asked,
        version=metric.version,
    )
    return sorted(computed.exclude(Exists(drawn)).values_list("community_id", flat=True))


def _stored(community: Community, key: str) -> FigureResult | None:
    state = known.state(community.pk)
    if state.as_of is None:
        return None
    question = Question.of(metrics.get(key), {})
    return known.stored(
        community=community, question=question, as_of=state.as_of, generation=state.generation
    )


def _in_order(community: Community, bridges: FigureResult | None) -> list[int]:
    """The members who alone connect others: those who are going first, then those without whom most would be cut off."""
    if bridges is None:
        return []
    data: dict[str, list[dict[str, int]]] = bridges.data  # type: ignore[assignment]
    numbers = [row["number"] for row in data["members"]]
    standings = MemberStanding.objects.filter(
        Q(stage__in=GONE_QUIET) | Q(at_risk=Risk.FADING),
        community_id=community.pk,
        membership__number__in=numbers,
    )
    going = set(standings.values_list("membership__number", flat=True))
    return sorted(numbers, key=lambda number: number not in going)
