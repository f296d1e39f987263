"""What if, with levers moved while somebody looks on: counted at once, and kept nowhere.

What the weeks behind tell does not depend on the levers. It is read once for each day's figures and kept in the cache for a
while, one entry a community: however many positions the levers are tried in, nothing is stored for them.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from communities.models import Community
from engagement.metrics import _weekly
from engagement.metrics._projection import AS_IS, Past
from engagement.metrics.what_if import levers_of, moved
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import Question
from kernel.metrics import Data, metrics

KEY = "what_if"
#: Seconds for which the weeks behind are kept.
KEPT = 3600


def ahead(*, community: Community, changes: Mapping[str, int]) -> Data | None:
    """The figure `what_if` as it was computed last, with the levers changed by so many percent; None before it was."""
    question = Question.of(metrics.get(KEY), {})
    stored = known.latest(community=community, questions=[question], whole=True).get((KEY, question.asked))
    if stored is None:
        return None
    data: Any = stored.data
    levers = levers_of(changes)
    if data["reason"] or levers == AS_IS:
        return stored.data
    name = f"what_if_past:{community.pk}:{stored.as_of}:{stored.computed_at.timestamp()}:{question.metric.version}"
    past: Past | None = cache.get(name)
    if past is None:
        past = _weekly.past(loading.history(community=community, as_of=stored.as_of))
        cache.set(name, past, KEPT)
    return moved(data, past, levers)
