"""From an address to being inside, and nothing learnt about anybody on the way."""

import re

from allauth.account.models import EmailAddress

from members.models import User
from tests.members.accounts.conftest import PASSWORD, code_in, link_in, signed_in

NEW = {"name": "Grace", "email": "Grace@Example.org", "password1": PASSWORD}


def without_tokens(page: bytes) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value|"X-CSRFToken":)[^>]*', "", page.decode())


def test_a_code_from_the_mail_makes_the_account_and_leads_where_one_was_going(client, db, box):
    answer = client.post("/accounts/signup/", NEW | {"next": "/me/?from=a-friend"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    ((to, subject, text, page),) = box()
    code = code_in(text)
    assert (to, subject) == ("grace@example.org", f"{code} is your code for Crowdecon")
    assert f'<p class="code">{code}</p>' in page
    assert not signed_in(client)

    answer = client.post("/accounts/confirm-email/", {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/me/?from=a-friend")
    assert signed_in(client)
    user = User.objects.get()
    assert (user.name, user.email, user.language) == ("Grace", "grace@example.org", "en")
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("grace@example.org", True, True)
    ]


def test_next_never_leads_to_another_site(client, db, box):
    client.post("/accounts/signup/", NEW | {"next": "https://example.com/steal"})
    answer = client.post("/accounts/confirm-email/", {"code": code_in(box()[0][2])})
    assert answer["Location"] == "/"


def test_the_name_may_wait(client, db, box):
    client.post("/accounts/signup/", NEW | {"name": ""})
    client.post("/accounts/confirm-email/", {"code": code_in(box()[0][2])})
    assert User.objects.get().name == ""
    assert signed_in(client)


def test_a_short_password_is_refused_and_nothing_is_made(client, db, box):
    answer = client.post("/accounts/signup/", NEW | {"password1": "ninechars"})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["password1"]
    assert (User.objects.count(), box()) == (0, [])


def test_the_third_wrong_code_ends_the_attempt(client, db, box):
    client.post("/accounts/signup/", NEW)
    right = code_in(box()[0][2])
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(2):
        answer = client.post("/accounts/confirm-email/", {"code": wrong})
        assert answer.status_code == 200
        assert answer.context["form"].errors == {"code": ["That is not the code. Look at it once more."]}
    answer = client.post("/accounts/confirm-email/", {"code": wrong})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    answer = client.post("/accounts/confirm-email/", {"code": right})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not signed_in(client)


def test_a_known_address_gets_the_same_answers_as_a_new_one(client, django_user_model, ada, box):
    """Status, page and number of letters are the same; only the letter, which its owner reads, differs."""
    seen = []
    for address in ("grace@example.org", "ada@example.org"):
        client.cookies.clear()
        before = len(box())
        posted = client.post("/accounts/signup/", NEW | {"email": address})
        asked = client.get("/accounts/confirm-email/")
        wrong = [client.post("/accounts/confirm-email/", {"code": "no"}) for _ in range(3)]
        answers = [posted, asked, *wrong]
        seen.append(
            (
                [(answer.status_code, answer.get("Location")) for answer in answers],
                [without_tokens(answer.content).replace(address, "") for answer in answers],
                len(box()) - before,
            )
        )
    assert seen[0] == seen[1]
    assert seen[0][2] == 1
    (_new, (to, subject, text, _page)) = box()
    assert (to, subject) == ("ada@example.org", "You have an account at Crowdecon already")
    assert link_in(text) == "/accounts/password/reset/"
    assert User.objects.get(email="ada@example.org").check_password(PASSWORD)


def test_a_letter_speaks_the_readers_language(client, ada, box):
    ada.language = "zh-hans"
    ada.save()
    client.post("/accounts/password/reset/", {"email": "ada@example.org"}, headers={"accept-language": "en"})
    ((_to, _subject, text, _page),) = box()
    assert link_in(text).startswith("/accounts/password/reset/key/")
