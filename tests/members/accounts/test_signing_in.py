"""Sign in, forget, change, sign out; and guess in vain."""

import re

from allauth.account.models import EmailAddress
from django.test import Client

from tests.members.accounts.conftest import PASSWORD, code_in, confirming, link_in, sign_in, signed_in

OTHER = "nine green ladders"


def test_by_address_in_any_case_and_on_to_next(client, ada):
    answer = sign_in(client, "ADA@Example.org", next="/me/")
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, ada, box):
    seen = []
    for address in ("ada@example.org", "bob@example.org"):
        answer = sign_in(client, address, "not the password")
        page = re.sub(r'(name="csrfmiddlewaretoken" value|"X-CSRFToken":)[^>]*', "", answer.content.decode())
        seen.append((answer.status_code, page.replace(address, "")))
    assert seen[0] == seen[1]
    assert "The address and the password do not fit together." in seen[0][1]
    assert box() == []


def test_the_sixth_wrong_password_closes_the_door_for_a_while_even_to_the_right_one(client, ada):
    for _ in range(5):
        assert sign_in(client, password="guess").context["form"].non_field_errors() == [
            "The address and the password do not fit together."
        ]
    answer = sign_in(client)
    assert answer.context["form"].non_field_errors() == [
        "Too many tries. Wait a few minutes and begin again."
    ]
    assert not signed_in(client)


def test_too_many_requests_get_a_page_that_says_so(client, db):
    answers = [client.post("/accounts/login/", {}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert "429.html" in [template.name for template in answers[-1].templates]
    assert "That was often in a short time" in answers[-1].content.decode()


def test_a_link_from_the_mail_sets_a_new_password_once(client, ada, box):
    answer = client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/reset/done/")
    link = link_in(box()[0][2])
    page = client.get(link)
    assert page["Location"].endswith("-set-password/")
    answer = client.post(page["Location"], {"password1": OTHER})
    assert answer.status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(OTHER)
    assert signed_in(client)
    assert [subject for _to, subject, *_ in box()] == [
        "Choose a new password for Crowdecon",
        "Your password has been set anew",
    ]
    client.logout()
    again = client.get(link)
    assert again.status_code == 200
    assert "This link has been used" in again.content.decode()


def test_asking_for_a_reset_tells_nothing_about_the_address(client, ada, box):
    seen = []
    for address in ("ada@example.org", "bob@example.org"):
        before = len(box())
        posted = client.post("/accounts/password/reset/", {"email": address})
        page = client.get(posted["Location"])
        body = re.sub(r'(name="csrfmiddlewaretoken" value|"X-CSRFToken":)[^>]*', "", page.content.decode())
        seen.append((posted.status_code, posted["Location"], page.status_code, body, len(box()) - before))
    assert seen[0] == seen[1]
    assert seen[0][4] == 1


def test_a_new_password_keeps_this_browser_and_ends_the_others(client, ada):
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    answer = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": OTHER})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert (signed_in(client), signed_in(elsewhere)) == (True, False)


def test_the_old_password_must_be_right(client, ada):
    sign_in(client)
    answer = client.post("/accounts/password/change/", {"oldpassword": "guess", "password1": OTHER})
    assert answer.context["form"].errors == {"oldpassword": ["That is not your password."]}
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_new_address_counts_only_once_its_code_is_typed(client, ada, box):
    sign_in(client)
    answer = confirming(client, "/accounts/email/", {"email": "countess@example.org", "action_add": ""})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    (to, _subject, text, _page) = box()[-1]
    assert to == "countess@example.org"
    answer = client.post("/accounts/confirm-email/", {"code": code_in(text)})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    ada.refresh_from_db()
    assert ada.email == "countess@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("countess@example.org", True, True)
    ]


def test_another_persons_address_is_neither_taken_nor_told(client, django_user_model, ada, box):
    django_user_model.objects.create_user("bob@example.org", PASSWORD)
    sign_in(client)
    answer = confirming(client, "/accounts/email/", {"email": "bob@example.org", "action_add": ""})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_signing_out_takes_a_button(client, ada):
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert signed_in(client)
    answer = client.post("/accounts/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not signed_in(client)


def test_the_admin_has_no_door_of_its_own(client, ada):
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    sign_in(client)
    assert client.get("/admin/login/").status_code == 403
