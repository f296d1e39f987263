from django.urls import path

from gatherings import ticket_urls
from gatherings.views import (
    calendars,
    chapters,
    desk,
    door,
    events,
    exports,
    maps,
    phone,
    pictures,
    planning,
    questions,
    series,
)

app_name = "gatherings"

COMMUNITY = "c/<slug:community_slug>/"
EVENTS = f"{COMMUNITY}events/"
EVENT = f"{EVENTS}<uuid:event_key>/"
DESK = f"{COMMUNITY}desk/events/"

urlpatterns = [
    path(EVENTS, events.Events.as_view(), name="events"),
    path(f"{EVENTS}new/", planning.New.as_view(), name="new_event"),
    path(f"{EVENTS}month/", calendars.Month.as_view(), name="month"),
    path(f"{EVENTS}map/", maps.Map.as_view(), name="map"),
    path(EVENT, events.OneEvent.as_view(), name="event"),
    path(f"{EVENT}answer/", events.Answer.as_view(), name="answer"),
    path(f"{EVENT}take/", questions.Take.as_view(), name="take"),
    path(f"{EVENT}questions/", questions.Questions.as_view(), name="questions"),
    path(f"{EVENT}pictures/", pictures.Pictures.as_view(), name="pictures"),
    path(f"{EVENT}pictures/<uuid:picture_key>/", pictures.Picture.as_view(), name="picture"),
    path(
        f"{EVENT}pictures/<uuid:picture_key>/small/",
        pictures.Picture.as_view(small=True),
        name="small_picture",
    ),
    path(f"{EVENT}edit/", planning.Edit.as_view(), name="edit_event"),
    path(f"{EVENT}announce/", planning.Announce.as_view(), name="announce"),
    path(f"{EVENT}cancel/", planning.Cancel.as_view(), name="cancel_event"),
    path(f"{EVENT}again/", series.Again.as_view(), name="again"),
    path(f"{EVENT}event.ics", calendars.File.as_view(), name="event_file"),
    path(f"{EVENT}people/", door.People.as_view(), name="people"),
    path(f"{EVENT}people/list.csv", door.Sheet.as_view(), name="people_sheet"),
    path(f"{EVENT}people/counts/", door.Counts.as_view(), name="people_counts"),
    path(f"{EVENT}door/", phone.Phone.as_view(), name="phone"),
    path(f"{EVENT}door/list.json", phone.Carried.as_view(), name="phone_list"),
    path(f"{EVENT}door/settle/", phone.Settle.as_view(), name="phone_settle"),
    path(f"{EVENT}door/worker.js", phone.Worker.as_view(), name="phone_worker"),
    path("me/calendar/", calendars.Own.as_view(), name="own_calendar"),
    path("calendar/<slug:token>.ics", calendars.Feed.as_view(), name="feed"),
    path(DESK, desk.Events.as_view(), name="desk_events"),
    path(f"{COMMUNITY}chapters/", chapters.Chapters.as_view(), name="chapters"),
    path(f"{COMMUNITY}chapters/<str:circle_slug>/", chapters.OneChapter.as_view(), name="chapter"),
    path(f"{DESK}chapters/", chapters.Found.as_view(), name="found_chapter"),
    path(f"{DESK}events.csv", exports.ExportEvents.as_view(), name="export_events"),
    path(f"{DESK}attendances.csv", exports.ExportAttendances.as_view(), name="export_attendances"),
    path(f"{DESK}proposals/", desk.Proposals.as_view(), name="proposals"),
    path(f"{DESK}proposals/<uuid:event_key>/", desk.Decide.as_view(), name="decide"),
    path(f"{COMMUNITY}desk/settings/events/", desk.Rules.as_view(), name="rules"),
    *ticket_urls.urlpatterns,
]
