"""The shelf of figures: one file and one line each."""

from engagement.metrics.activation import Activation
from engagement.metrics.active_members import ActiveMembers
from engagement.metrics.at_risk import AtRisk
from engagement.metrics.bridges import Bridges
from engagement.metrics.cascades import Cascades
from engagement.metrics.channels import Channels
from engagement.metrics.contribution import Contribution
from engagement.metrics.cycle_time import CycleTime
from engagement.metrics.dues import Dues
from engagement.metrics.events import EventsFigure
from engagement.metrics.generations import Generations
from engagement.metrics.growth_accounting import GrowthAccounting
from engagement.metrics.growth_rate import GrowthRate
from engagement.metrics.health import Health
from engagement.metrics.introductions import Introductions
from engagement.metrics.local import Local
from engagement.metrics.members import MembersFigure
from engagement.metrics.mrr import Mrr
from engagement.metrics.network import Network
from engagement.metrics.payer_cohorts import PayerCohorts
from engagement.metrics.power_curve import PowerCurve
from engagement.metrics.referral_k import ReferralK
from engagement.metrics.reproduction import Reproduction
from engagement.metrics.response_time import ResponseTime
from engagement.metrics.retention import Retention
from engagement.metrics.revenue import Revenue
from engagement.metrics.score import Score
from engagement.metrics.self_organisation import SelfOrganisation
from engagement.metrics.solved import Solved
from engagement.metrics.stage import Stage
from engagement.metrics.stickiness import Stickiness
from engagement.metrics.ties import Ties
from engagement.metrics.what_if import WhatIf
from kernel.metrics import Metric, metrics

SHELF: tuple[type[Metric], ...] = (
    MembersFigure,
    ActiveMembers,
    Stickiness,
    PowerCurve,
    Contribution,
    ResponseTime,
    Activation,
    Retention,
    GrowthAccounting,
    Stage,
    Score,
    Network,
    PayerCohorts,
    Revenue,
    Mrr,
    Dues,
    EventsFigure,
    Local,
    ReferralK,
    CycleTime,
    Generations,
    Cascades,
    Channels,
    GrowthRate,
    WhatIf,
    SelfOrganisation,
    Reproduction,
    Ties,
    Bridges,
    Introductions,
    AtRisk,
    Solved,
    # Last: it reads what others have counted.
    Health,
)
for figure in SHELF:
    metrics.add(figure.key, figure())
