from django.urls import path

from gatherings.api import (
    attendances,
    chapters,
    events,
    exports,
    kinds,
    met,
    pictures,
    tickets,
    waiting,
)

COMMUNITY = "communities/<slug:community_slug>/"
EVENT = f"{COMMUNITY}events/<uuid:event_key>/"
TICKET = f"{COMMUNITY}tickets/<uuid:ticket_key>/"

urlpatterns = [
    path(f"{COMMUNITY}events/", events.Events.as_view(), name="events"),
    path(f"{COMMUNITY}events/export/", exports.ExportEvents.as_view(), name="export_events"),
    path(f"{COMMUNITY}attendances/export/", exports.ExportAttendances.as_view(), name="export_attendances"),
    path(f"{EVENT}people/", exports.ExportPeople.as_view(), name="export_event_people"),
    path(EVENT, events.OneEvent.as_view(), name="event"),
    path(f"{EVENT}publish/", events.Publish.as_view(), name="publish_event"),
    path(f"{EVENT}cancel/", events.Cancel.as_view(), name="cancel_event"),
    path(f"{EVENT}decide/", events.Decide.as_view(), name="decide_event"),
    path(f"{EVENT}pictures/", pictures.Pictures.as_view(), name="pictures"),
    path(f"{EVENT}pictures/<uuid:picture_key>/", pictures.OnePicture.as_view(), name="picture"),
    path(
        f"{EVENT}pictures/<uuid:picture_key>/content/",
        pictures.PictureContent.as_view(),
        name="picture_content",
    ),
    path(f"{COMMUNITY}chapters/", chapters.Chapters.as_view(), name="chapters"),
    path(f"{COMMUNITY}chapters/<str:circle_slug>/", chapters.OneChapter.as_view(), name="chapter"),
    path(
        f"{COMMUNITY}chapter-suggestions/",
        chapters.ChapterSuggestions.as_view(),
        name="chapter_suggestions",
    ),
    path(f"{EVENT}kinds/", kinds.Kinds.as_view(), name="ticket_kinds"),
    path(f"{EVENT}kinds/<uuid:kind_key>/", kinds.OneKind.as_view(), name="ticket_kind"),
    path(f"{EVENT}kinds/<uuid:kind_key>/withdraw/", kinds.WithdrawKind.as_view(), name="withdraw_kind"),
    path(f"{EVENT}wait/", waiting.Wait.as_view(), name="wait"),
    path(f"{EVENT}stop-waiting/", waiting.StopWaiting.as_view(), name="stop_waiting"),
    path(f"{COMMUNITY}waiting/", waiting.WaitingList.as_view(), name="waiting"),
    path(f"{COMMUNITY}attendances/", attendances.Attendances.as_view(), name="attendances"),
    path(f"{COMMUNITY}tickets/", tickets.Tickets.as_view(), name="tickets"),
    path(TICKET, tickets.OneTicket.as_view(), name="ticket"),
    path(f"{TICKET}give-back/", tickets.GiveBack.as_view(), name="give_back_ticket"),
    path(f"{TICKET}take-back/", tickets.TakeBack.as_view(), name="take_back_ticket"),
    path(f"{COMMUNITY}people/<int:number>/met/", met.WhomTheyMet.as_view(), name="met"),
]
