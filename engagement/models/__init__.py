from engagement.models.base import DecayedDay
from engagement.models.check import FigureCheck
from engagement.models.day import ActiveDay, MemberDay, PairDay
from engagement.models.drawing import NetworkDrawing
from engagement.models.experiment import Assignment, Experiment
from engagement.models.fact import DirtyDay, Fact
from engagement.models.figure import Figure, FigureRequest, RollupState
from engagement.models.health import HealthStandard, HealthWeek
from engagement.models.introduction import Introduction
from engagement.models.spend import Spend
from engagement.models.standing import MemberStanding, Stage
from engagement.models.week_act import WeekAct

__all__ = [
    "ActiveDay",
    "Assignment",
    "DecayedDay",
    "DirtyDay",
    "Experiment",
    "Fact",
    "Figure",
    "FigureCheck",
    "FigureRequest",
    "HealthStandard",
    "HealthWeek",
    "Introduction",
    "MemberDay",
    "MemberStanding",
    "NetworkDrawing",
    "PairDay",
    "RollupState",
    "Spend",
    "Stage",
    "WeekAct",
]
