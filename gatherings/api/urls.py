from django.urls import path

from gatherings.api import attendances, events, exports

COMMUNITY = "communities/<slug:community_slug>/"
EVENT = f"{COMMUNITY}events/<uuid:event_key>/"

urlpatterns = [
    path(f"{COMMUNITY}events/", events.Events.as_view(), name="events"),
    path(f"{COMMUNITY}events/export/", exports.ExportEvents.as_view(), name="export_events"),
    path(f"{COMMUNITY}attendances/export/", exports.ExportAttendances.as_view(), name="export_attendances"),
    path(f"{EVENT}people/", exports.ExportPeople.as_view(), name="export_event_people"),
    path(EVENT, events.OneEvent.as_view(), name="event"),
    path(f"{EVENT}publish/", events.Publish.as_view(), name="publish_event"),
    path(f"{EVENT}cancel/", events.Cancel.as_view(), name="cancel_event"),
    path(f"{EVENT}decide/", events.Decide.as_view(), name="decide_event"),
    path(f"{COMMUNITY}attendances/", attendances.Attendances.as_view(), name="attendances"),
    path(f"{COMMUNITY}tickets/", attendances.Tickets.as_view(), name="tickets"),
]
