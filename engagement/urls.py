from django.urls import path

from engagement.views import figures, money, retraction, weights

app_name = "engagement"

DESK = "c/<slug:community_slug>/desk/"

urlpatterns = [
    path(f"{DESK}settings/imports/<uuid:run_id>/retract/", retraction.Retract.as_view(), name="retract"),
    path(f"{DESK}settings/weights/", weights.Weights.as_view(), name="weights"),
    path(f"{DESK}money/", money.Money.as_view(), name="money"),
    path(f"{DESK}figures/", figures.Overview.as_view(), name="figures"),
    path(f"{DESK}figures/freshness/", figures.Freshness.as_view(), name="freshness"),
    path(f"{DESK}figures/<slug:key>/", figures.Figure.as_view(), name="figure"),
    path(f"{DESK}figures/<slug:key>/csv/", figures.Csv.as_view(), name="figure_csv"),
]
