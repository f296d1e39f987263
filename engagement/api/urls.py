from django.urls import path

from engagement.api.activities import Activities
from engagement.api.checks import FigureChecks
from engagement.api.experiments import (
    ExperimentRows,
    Experiments,
    OneExperiment,
    StartExperiment,
    StopExperiment,
    TakeExperiment,
)
from engagement.api.figures import Figures, UnknownFigure, view_of
from engagement.api.gatherings import GatheringFigures
from engagement.api.introductions import DeclineIntroduction, Introductions, OneIntroduction
from engagement.api.spends import OneSpend, RemoveSpend, Spends, TakeBackSpend
from engagement.api.timeline import Timeline
from engagement.api.week_acts import DecideWeekAct, WeekActs, WellBeing
from kernel.metrics import metrics

COMMUNITY = "communities/<slug:community_slug>/"
EXPERIMENT = f"{COMMUNITY}experiments/<uuid:experiment_key>/"

urlpatterns = [
    path(f"{COMMUNITY}activities/", Activities.as_view(), name="activities"),
    path(f"{COMMUNITY}members/<int:number>/timeline/", Timeline.as_view(), name="member_timeline"),
    path(f"{COMMUNITY}events/<uuid:event_key>/figures/", GatheringFigures.as_view(), name="event_figures"),
    path(f"{COMMUNITY}introductions/", Introductions.as_view(), name="introductions"),
    path(f"{COMMUNITY}introductions/decline/", DeclineIntroduction.as_view(), name="decline_introduction"),
    path(
        f"{COMMUNITY}introductions/<uuid:introduction_key>/", OneIntroduction.as_view(), name="introduction"
    ),
    path(f"{COMMUNITY}week-acts/", WeekActs.as_view(), name="week_acts"),
    path(f"{COMMUNITY}week-acts/<uuid:act_key>/decide/", DecideWeekAct.as_view(), name="decide_week_act"),
    path(f"{COMMUNITY}spends/", Spends.as_view(), name="spends"),
    path(f"{COMMUNITY}spends/<uuid:spend_key>/", OneSpend.as_view(), name="spend"),
    path(f"{COMMUNITY}spends/<uuid:spend_key>/remove/", RemoveSpend.as_view(), name="remove_spend"),
    path(f"{COMMUNITY}spends/<uuid:spend_key>/take-back/", TakeBackSpend.as_view(), name="take_back_spend"),
    path(f"{COMMUNITY}well-being/", WellBeing.as_view(), name="well_being"),
    path(f"{COMMUNITY}experiments/", Experiments.as_view(), name="experiments"),
    path(EXPERIMENT, OneExperiment.as_view(), name="experiment"),
    path(f"{EXPERIMENT}rows/", ExperimentRows.as_view(), name="experiment_rows"),
    path(f"{EXPERIMENT}start/", StartExperiment.as_view(), name="start_experiment"),
    path(f"{EXPERIMENT}stop/", StopExperiment.as_view(), name="stop_experiment"),
    path(f"{EXPERIMENT}take/", TakeExperiment.as_view(), name="take_experiment"),
    path(f"{COMMUNITY}metrics/", Figures.as_view(), name="metrics"),
    *(
        path(f"{COMMUNITY}metrics/{metric.key}/", view_of(metric).as_view(), name=f"metric_{metric.key}")
        for metric in metrics
    ),
    path(f"{COMMUNITY}metrics/<slug:key>/verify/", FigureChecks.as_view(), name="metric_check"),
    path(f"{COMMUNITY}metrics/<str:key>/", UnknownFigure.as_view(), name="metric"),
]
