from django.urls import path

from engagement.api.activities import Activities
from engagement.api.figures import Figures, UnknownFigure, view_of
from engagement.api.gatherings import GatheringFigures
from engagement.api.timeline import Timeline
from kernel.metrics import metrics

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path(f"{COMMUNITY}activities/", Activities.as_view(), name="activities"),
    path(f"{COMMUNITY}members/<int:number>/timeline/", Timeline.as_view(), name="member_timeline"),
    path(f"{COMMUNITY}events/<uuid:event_key>/figures/", GatheringFigures.as_view(), name="event_figures"),
    path(f"{COMMUNITY}metrics/", Figures.as_view(), name="metrics"),
    *(
        path(f"{COMMUNITY}metrics/{metric.key}/", view_of(metric).as_view(), name=f"metric_{metric.key}")
        for metric in metrics
    ),
    path(f"{COMMUNITY}metrics/<str:key>/", UnknownFigure.as_view(), name="metric"),
]
