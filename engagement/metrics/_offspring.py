"""Whom members brought, with the days it took: what several figures of growth count."""

from typing import NamedTuple

import numpy as np

from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.referrals import NOBODY

DAY = 86_400_000_000


class Edges(NamedTuple):
    """The forest's edges, by places: how long after its inviter each invitee joined, in microseconds; below 0 where a file
    tells that they joined first."""

    invitee: Whole
    inviter: Whole
    lag: Whole


def edges(history: History) -> Edges:
    above = history.forest.above
    invitee = np.flatnonzero(above != NOBODY)
    inviter = above[invitee]
    return Edges(invitee, inviter, history.joined_at[invitee] - history.joined_at[inviter])
