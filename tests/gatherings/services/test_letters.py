"""The letter with a ticket: its code is in it, to be read at a door without a network."""

from datetime import timedelta
from io import BytesIO

import pytest
import segno

from gatherings.models import TicketKind
from gatherings.services import letters, reminders, seats
from kernel import mails
from members.models import Message
from members.services.letters import of
from tests import make
from tests.gatherings import holding

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_code_goes_with_the_letter(settings, language):
    community = make.community("lantern", language=language)
    event = holding.event(community, audience="public")
    TicketKind.objects.update(guest_price=0)
    guest = make.member(community)
    guest.status, guest.user.language = "guest", language
    guest.save(update_fields=["status"])
    guest.user.save(update_fields=["language"])
    ticket = seats.take(kind=holding.kind(event), member=guest, at=make.EARLY)
    letters.taken(ticket=ticket, at=make.EARLY)
    letter = of(Message.objects.get(kind="ticket.yours")).message()
    assert letter.get_content_type() == "multipart/related"
    words, picture = letter.get_payload()
    address = f"{settings.SITE_ADDRESS}/c/lantern/tickets/{ticket.code}/"
    plain, page = (part.get_payload(decode=True).decode() for part in words.get_payload())
    assert address in plain
    said = {"en": "QR code of the link above", "zh-hans": "上面链接的二维码"}[language]
    drawn = f'<a href="{address}"><img class="code" src="cid:code" width="240" height="240" alt="{said}"></a>'
    assert drawn in page
    expected = BytesIO()
    segno.make(address, error="m", micro=False).save(expected, kind="png", scale=6, border=4)
    assert (picture["Content-ID"], picture.get_content_type()) == ("<code>", "image/png")
    assert picture.get_payload(decode=True) == expected.getvalue()


def test_the_reminder_brings_the_code_to_everybody_who_comes(settings):
    community = make.community("lantern")
    event = holding.event(community, host=make.member(community))
    ticket = seats.take(kind=holding.kind(event), member=make.member(community), at=make.EARLY)
    reminders.sweep(at=holding.THEN - timedelta(hours=20))
    drawn = {one.kind: mails.to_draw(one.html) for one in Message.objects.filter(kind__startswith="event.")}
    address = f"{settings.SITE_ADDRESS}/c/lantern/tickets/{ticket.code}/"
    assert drawn == {"event.reminder": address, "event.holds": ""}
