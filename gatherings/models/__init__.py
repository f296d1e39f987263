from gatherings.models.chapter import Chapter
from gatherings.models.event import Event, EventHost, EventPicture, EventQuestion, GatheringRules
from gatherings.models.feed import CalendarFeed
from gatherings.models.news import News
from gatherings.models.place import Attendance, Room, Ticket, TicketKind, Waiting
from gatherings.models.reader import EventReader
from gatherings.models.series import Series

__all__ = [
    "Attendance",
    "CalendarFeed",
    "Chapter",
    "Event",
    "EventHost",
    "EventPicture",
    "EventQuestion",
    "EventReader",
    "GatheringRules",
    "News",
    "Room",
    "Series",
    "Ticket",
    "TicketKind",
    "Waiting",
]
