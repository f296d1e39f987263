"""A person's own page and their language."""

from tests.members.accounts.conftest import sign_in


def language_of(answer) -> str:
    return answer.content.decode().partition('<html lang="')[2].partition('"')[0]


def test_it_is_for_those_who_have_signed_in(client, db):
    answer = client.get("/me/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/me/")


def test_name_and_language_are_changed(client, ada):
    sign_in(client)
    answer = client.post("/me/", {"name": " Ada Lovelace ", "language": "zh-hans"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Ada Lovelace", "zh-hans")
    assert language_of(client.get("/me/")) == "zh-Hans"


def test_an_unknown_language_changes_nothing(client, ada):
    sign_in(client)
    answer = client.post("/me/", {"name": "Ada Lovelace", "language": "tlh"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["language"])
    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Ada", "")


def test_ones_language_follows_to_another_browser_until_it_is_switched_there(client, ada):
    ada.language = "zh-hans"
    ada.save()
    sign_in(client)
    assert language_of(client.get("/me/", headers={"accept-language": "en"})) == "zh-Hans"
    client.post("/i18n/setlang/", {"language": "en", "next": "/me/"})
    assert language_of(client.get("/me/")) == "en"


def test_whoever_is_not_signed_in_switches_too(client, db):
    assert language_of(client.get("/accounts/login/", headers={"accept-language": "zh-CN"})) == "zh-Hans"
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/login/"})
    assert language_of(client.get("/accounts/login/", headers={"accept-language": "en"})) == "zh-Hans"


def test_leaving_it_to_the_browser_forgets_the_switch(client, ada):
    sign_in(client)
    client.post("/me/", {"name": "Ada", "language": "zh-hans"})
    client.post("/me/", {"name": "Ada", "language": "browser"})
    assert language_of(client.get("/me/", headers={"accept-language": "en"})) == "en"
