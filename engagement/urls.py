from django.urls import path

from engagement.views import (
    checks,
    cities,
    experiments,
    figures,
    gatherings,
    goals,
    growth,
    money,
    retraction,
    spends,
    ties,
    week,
    weights,
)

app_name = "engagement"

DESK = "c/<slug:community_slug>/desk/"
GATHERING = "c/<slug:community_slug>/events/<uuid:event_key>/figures/"

urlpatterns = [
    path(f"{DESK}settings/imports/<uuid:run_id>/retract/", retraction.Retract.as_view(), name="retract"),
    path(f"{DESK}settings/weights/", weights.Weights.as_view(), name="weights"),
    path(f"{DESK}settings/health/", goals.Goals.as_view(), name="health_goals"),
    path(f"{DESK}week/", week.Acts.as_view(), name="week_acts"),
    path(f"{DESK}week/<uuid:act_key>/", week.OneAct.as_view(), name="week_act"),
    path(f"{DESK}growth/", growth.Growth.as_view(), name="growth"),
    path(f"{DESK}experiments/", experiments.Experiments.as_view(), name="experiments"),
    path(f"{DESK}experiments/new/<slug:trial>/", experiments.Plan.as_view(), name="plan_experiment"),
    path(f"{DESK}experiments/<uuid:experiment_key>/", experiments.OneExperiment.as_view(), name="experiment"),
    path(
        f"{DESK}experiments/<uuid:experiment_key>/rows.csv",
        experiments.Csv.as_view(),
        name="experiment_csv",
    ),
    path(
        f"{DESK}experiments/<uuid:experiment_key>/decide/",
        experiments.Decide.as_view(),
        name="decide_experiment",
    ),
    path(f"{DESK}ties/", ties.Ties.as_view(), name="ties"),
    path(f"{DESK}ties/picture/", ties.Picture.as_view(), name="ties_picture"),
    path(f"{DESK}ties/parts/<int:place>/", ties.SubCommunity.as_view(), name="ties_part"),
    path(f"{DESK}ties/introductions/", ties.Introductions.as_view(), name="introductions"),
    path(f"{DESK}ties/introduce/", ties.Introduce.as_view(), name="introduce"),
    path(
        f"{DESK}ties/introductions/<uuid:introduction_key>/take-up/",
        ties.TakeUp.as_view(),
        name="take_up_introduction",
    ),
    path(f"{DESK}growth/costs/", spends.Spends.as_view(), name="spends"),
    path(f"{DESK}growth/costs/<uuid:spend_key>/", spends.OneSpend.as_view(), name="spend"),
    path(f"{DESK}growth/costs/<uuid:spend_key>/remove/", spends.Remove.as_view(), name="remove_spend"),
    path(f"{DESK}money/", money.Money.as_view(), name="money"),
    path(GATHERING, gatherings.OneGathering.as_view(), name="gathering"),
    path(f"{GATHERING}figures.csv", gatherings.Csv.as_view(), name="gathering_csv"),
    path(f"{GATHERING}people.csv", gatherings.People.as_view(), name="gathering_people"),
    path(f"{DESK}events/held/", gatherings.HeldGatherings.as_view(), name="held_gatherings"),
    path(f"{DESK}events/cities/", cities.Cities.as_view(), name="cities"),
    path(f"{DESK}figures/", figures.Overview.as_view(), name="figures"),
    path(f"{DESK}figures/freshness/", figures.Freshness.as_view(), name="freshness"),
    path(f"{DESK}figures/<slug:key>/", figures.Figure.as_view(), name="figure"),
    path(f"{DESK}figures/<slug:key>/csv/", figures.Csv.as_view(), name="figure_csv"),
    path(f"{DESK}figures/<slug:key>/verify/", checks.Check.as_view(), name="figure_check"),
]
