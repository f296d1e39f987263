"""Where one is signed in, and ending it."""

from allauth.usersessions.models import UserSession
from django.test import Client

from members import devices
from members.services import accounts
from tests.members.accounts.conftest import PASSWORD, sign_in, signed_in

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MicroMessenger/8.0.49"
)


def browsers(count: int) -> list[Client]:
    made = [Client(headers={"user-agent": PHONE}) for _ in range(count)]
    for browser in made:
        sign_in(browser)
    return made


def test_one_is_ended_and_the_others_go_on(ada):
    here, phone, other = browsers(3)
    session = UserSession.objects.get(session_key=phone.session.session_key)
    answer = here.post(f"/me/sessions/{session.pk}/end/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/sessions/")
    assert [signed_in(browser) for browser in (here, phone, other)] == [True, False, True]


def test_all_others_are_ended(ada):
    here, *others = browsers(3)
    here.post("/accounts/sessions/")
    assert [signed_in(browser) for browser in (here, *others)] == [True, False, False]


def test_the_page_names_each_and_marks_this_one(ada):
    here, _phone = browsers(2)
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("Safari on iPhone") == 2
    assert page.count("this one") == 1


def test_neither_this_one_nor_a_strangers_can_be_ended(ada):
    accounts.obtain(email="bob@example.org", password=PASSWORD)
    (here,) = browsers(1)
    bob = Client()
    sign_in(bob, "bob@example.org")
    assert {
        here.post(f"/me/sessions/{session.pk}/end/").status_code for session in UserSession.objects.all()
    } == {404}
    assert (signed_in(here), signed_in(bob)) == (True, True)


def test_a_page_notes_that_one_was_seen_only_now_and_then(ada, django_assert_num_queries):
    (here,) = browsers(1)
    UserSession.objects.update(last_seen_at="2020-01-01T00:00:00Z")
    here.get("/accounts/logout/")
    assert UserSession.objects.get().last_seen_at.year > 2020
    with django_assert_num_queries(1):  # the person
        here.get("/accounts/logout/")


def test_browsers_are_called_by_their_names():
    assert devices.of(PHONE) == devices.Device(browser="Safari", system="iPhone", handheld=True)
    assert devices.of(WECHAT) == devices.Device(browser="WeChat", system="Android", handheld=True)
    assert devices.of("curl/8.5.0") == devices.Device(browser="", system="", handheld=False)
