from engagement.models.base import DecayedDay
from engagement.models.day import ActiveDay, MemberDay, PairDay
from engagement.models.fact import DirtyDay, Fact
from engagement.models.figure import Figure, FigureRequest, RollupState
from engagement.models.standing import MemberStanding, Stage

__all__ = [
    "ActiveDay",
    "DecayedDay",
    "DirtyDay",
    "Fact",
    "Figure",
    "FigureRequest",
    "MemberDay",
    "MemberStanding",
    "PairDay",
    "RollupState",
    "Stage",
]
