"""The way in and the queue at the desk, page by page."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from communities.models import Application, Community, DecisionLetter, JoinQuestion, Reference
from communities.services import applications, arrivals, joining, questions
from kernel.clock import now
from members.models import Membership
from members.roles import Role, Status
from members.services import custom_fields
from tests import make

pytestmark = pytest.mark.django_db

JOIN, QUEUE, SETTINGS = (
    "/c/lantern/join/",
    "/c/lantern/desk/applications/",
    "/c/lantern/desk/settings/joining/",
)


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    made = make.community("lantern")
    Community.objects.filter(pk=made.pk).update(join_policy="application", references_asked=2)
    JoinQuestion.objects.all().delete()
    return Community.objects.get(pk=made.pk)


@pytest.fixture
def owner(community, client):
    member = Membership.objects.get()
    client.force_login(member.user)
    return member


def ask(community, **fields):
    return JoinQuestion.objects.create(community=community, position=0, text="Why?", **fields)


def apply(community, **more):
    person = make.person(name="Noor")
    return joining.join(community=community, user=person, answers={}, at=now(), by=make.SITE, **more)


def words(answer):
    return [str(message) for message in answer.context["messages"]]


def test_an_applicant_writes_sees_and_withdraws(client, community):
    why, cv = ask(community, kind="text", required=True), ask(community, kind="file")
    client.force_login(make.person(name="Noor"))
    assert client.post(JOIN, {f"question_{why.pk}": ""}).context["form"].errors
    file = SimpleUploadedFile("cv.pdf", b"%PDF-1.7")
    sent = {f"question_{why.pk}": "Light", f"question_{cv.pk}": file, "named": "#1; nobody@example.org 5"}
    page = client.post(JOIN, sent, follow=True)
    assert page.redirect_chain == [(JOIN, 302)]
    assert words(page) == ["Your application is on its way. You hear from us when it is decided."]
    application = Application.objects.get()
    assert application.named == ["#1", "nobody@example.org"]
    assert application.references.get().member.number == 1
    assert "It is being read" in page.content.decode()
    client.post(JOIN, {"act": "withdraw"})
    application.refresh_from_db()
    assert application.state == "withdrawn"
    assert client.get(JOIN).templates[0].name == "communities/join.html"
    application.files.get().file.delete()


def test_an_applicant_without_a_name_is_asked_for_it_once(client, community):
    person = make.person()
    client.force_login(person)
    assert client.post(JOIN, {}).context["form"].errors["name"]
    client.post(JOIN, {"name": " 林悦 "})
    person.refresh_from_db()
    member = Membership.objects.get(user=person)
    assert (person.name, member.name) == ("林悦", "林悦")
    assert [one.pk for one in Membership.objects.of(community.pk).search("linyue")] == [member.pk]
    client.post(JOIN, {"act": "withdraw"})
    assert "name" not in client.get(JOIN).context["form"].fields


@pytest.mark.parametrize("policy", ["application", "open"])
def test_what_is_sent_twice_leads_to_what_the_first_did(client, community, monkeypatch, policy):
    Community.objects.update(join_policy=policy)
    client.force_login(make.person(name="Noor"))
    through = arrivals.come_in

    def twice(**given):
        through(**given)
        return through(**given)

    monkeypatch.setattr(arrivals, "come_in", twice)
    answer = client.post(JOIN, {})
    assert (answer.status_code, answer["Location"]) == (302, JOIN)


def test_who_comes_again_without_a_name_is_asked_for_it(client, community):
    person = make.person()
    member = joining.join(community=community, user=person, answers={}, at=now(), by=make.SITE)
    client.force_login(person)
    client.post(JOIN, {"act": "withdraw"})
    client.post(JOIN, {"name": "Noor"})
    member.refresh_from_db()
    assert (member.name, member.status) == ("Noor", Status.APPLIED)


@pytest.mark.parametrize("policy", ["open", "invitation"])
def test_where_nobody_decides_no_name_is_asked_for(client, community, policy):
    Community.objects.update(join_policy=policy)
    client.force_login(make.person())
    assert "name" not in client.get(JOIN).context["form"].fields


@pytest.mark.parametrize(
    ("policy", "shown"), [("open", "Join"), ("application", "Apply"), ("invitation", None)]
)
def test_the_face_shows_the_way_in(client, community, policy, shown):
    Community.objects.update(join_policy=policy)
    page = client.get("/c/lantern/").content.decode()
    assert [name for name in ("Join", "Apply") if f">{name}</a>" in page] == ([shown] if shown else [])


def test_by_invitation_the_page_says_so_and_takes_nobody(client, community):
    Community.objects.update(join_policy="invitation")
    client.force_login(make.person())
    page = client.get(JOIN)
    assert page.context["shut"] and b"<form class" not in page.content
    assert client.post(JOIN, {}).context["form"].errors
    assert Membership.objects.count() == 1


def test_who_was_rejected_sees_why_and_when_to_come_again(client, community):
    member = apply(community)
    applications.decide(
        application=Application.objects.get(), decision="reject", at=now(), by=make.SITE, reason="Full year"
    )
    client.force_login(member.user)
    page = client.get(JOIN)
    text = page.content.decode()
    assert "It was rejected" in text and "Full year" in text and "You can apply again from" in text
    assert b'value="withdraw"' not in page.content
    Application.objects.update(decided_at=now() - timedelta(days=31))
    assert client.get(JOIN).templates[0].name == "communities/join.html"


@pytest.mark.parametrize("status", [Status.BANNED, Status.REMOVED])
def test_whose_membership_was_ended_reads_so_and_is_asked_nothing(client, community, status):
    ask(community, kind="text", required=True)
    member = make.member(community, name="Noor")
    Membership.objects.filter(pk=member.pk).update(status=status)
    client.force_login(member.user)
    page = client.get(JOIN).content.decode()
    assert "This community has ended your membership" in page
    assert "Why?" not in page and "Send the application" not in page
    assert client.get("/c/lantern/").context["door"] == ""


def test_the_first_in_line_is_offered_a_place_and_takes_it(client, community):
    Community.objects.update(join_policy="open")
    tier = community.tiers.get(is_default=True)
    tier.capacity = 1
    tier.save()
    person = make.person()
    client.force_login(person)
    assert "You are number 1 in line" in client.post(JOIN, {}, follow=True).content.decode()
    tier.capacity = 2
    tier.save()
    applications.offer_places(at=now())
    assert "A place is yours" in client.get(JOIN).content.decode()
    page = client.post(JOIN, {"act": "take"}, follow=True)
    assert page.redirect_chain[-1] == ("/c/lantern/", 302)
    assert Membership.objects.get(user=person).status == Status.ACTIVE
    assert client.post(JOIN, {"act": "take"}).status_code == 302


def test_staff_read_decide_and_go_on_to_the_next(client, community, owner):
    first, second = apply(community), apply(community)
    page = client.get(QUEUE)
    assert [one.membership for one in page.context["page"].rows] == [first, second]
    one = Application.objects.get(membership=first)
    page = client.get(f"{QUEUE}{one.key}/?decision=reject")
    assert page.context["next"].membership == second
    form = page.context["form"]
    assert "Dear Noor" in form["message"].value() and "{reason}" in form["message"].value()
    sent = {"message": form["message"].value(), "seen": form["seen"].value()}
    refused = client.post(f"{QUEUE}{one.key}/?decision=reject", sent)
    assert refused.context["form"].errors["reason"]
    done = client.post(f"{QUEUE}{one.key}/?decision=reject", sent | {"reason": "No room"}, follow=True)
    other = Application.objects.get(membership=second)
    assert done.redirect_chain == [(f"{QUEUE}{other.key}/", 302)]
    one.refresh_from_db()
    assert (one.state, one.reason, one.decided_by) == ("rejected", "No room", owner)
    assert "{" not in one.message and "No room" in one.message
    late = client.post(f"{QUEUE}{one.key}/?decision=approve", sent)
    assert "has decided already: Rejected." in str(late.context["form"].errors)
    client.post(f"{QUEUE}{other.key}/?decision=approve", {"message": "Come in!", "seen": ""})
    second.refresh_from_db()
    assert (second.status, second.applications.get().message) == ("active", "Come in!")


def test_today_says_how_many_wait(client, community, owner):
    apply(community)
    apply(community)
    needed = client.get("/c/lantern/desk/").context
    said = [str(need.words) for need in (needed["need"], *needed["others"])]
    assert "2 applications wait to be read." in said


@pytest.mark.parametrize("many", [1, 3])
def test_the_queue_takes_the_same_queries_for_one_and_for_three(
    client, community, owner, many, django_assert_num_queries
):
    for _n in range(many):
        apply(community, named=["1"])
    client.get(QUEUE)
    with django_assert_num_queries(5):
        assert len(client.get(QUEUE).context["page"].rows) == many


def test_what_was_sent_is_an_attachment_for_staff_alone(client, community, owner):
    cv = ask(community, kind="file")
    file = SimpleUploadedFile("<b>cv.html", b"%PDF-1.7 <script>")
    apply_with = {cv.pk: file}
    person = make.person()
    joining.join(community=community, user=person, answers=apply_with, at=now(), by=make.SITE)
    application = Application.objects.get()
    sent = application.files.get()
    address = f"{QUEUE}{application.key}/files/{sent.pk}/"
    answer = client.get(address)
    assert answer.getvalue() == b"%PDF-1.7 <script>"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )
    client.force_login(make.member(community, role=Role.MODERATOR).user)
    assert client.get(address).status_code == 403
    client.force_login(person)
    assert client.get(address).status_code == 404
    sent.file.delete()


def test_a_member_says_a_word_once(client, community):
    friend = make.member(community, name="Ada")
    apply(community, named=[str(friend.number)])
    reference = Reference.objects.get()
    client.force_login(friend.user)
    assert "Noor wants to join and names you" in client.get("/c/lantern/").content.decode()
    address = f"/c/lantern/references/{reference.pk}/"
    assert client.post(address, {}).context["form"].errors
    client.post(address, {"vouches": "yes", "words": "Of course."})
    client.post(address, {"vouches": "no", "words": "Never."})
    reference.refresh_from_db()
    assert (reference.vouches, reference.words) == (True, "Of course.")
    assert "names you" not in client.get("/c/lantern/").content.decode()
    client.force_login(make.member(community).user)
    assert client.get(address).status_code == 404


def test_who_comes_after_the_decision_reads_so_and_is_asked_nothing(client, community):
    friend = make.member(community, name="Ada")
    apply(community, named=[str(friend.number)])
    Application.objects.update(state="approved")
    client.force_login(friend.user)
    page = client.get(f"/c/lantern/references/{Reference.objects.get().pk}/").content.decode()
    assert "This application has been decided meanwhile." in page
    assert "Send my word" not in page


def test_questions_are_asked_moved_changed_and_dropped(client, community, owner):
    client.post(SETTINGS, {"text": "Why?", "kind": "text", "required": "on"})
    client.post(SETTINGS, {"text": "Tea?", "kind": "choice", "options": "green\n\nblack\ngreen"})
    why, tea = community.join_questions.all()
    assert (why.required, tea.options) == (True, ["green", "black"])
    assert (
        client.post(SETTINGS, {"text": "Tea?", "kind": "choice", "options": "green"}).context["form"].errors
    )
    client.post(f"{SETTINGS}questions/{tea.pk}/", {"act": "up"})
    assert list(community.join_questions.all()) == [tea, why]
    client.post(f"{SETTINGS}questions/{tea.pk}/", {"text": "Coffee?", "kind": "text", "options": "x"})
    tea.refresh_from_db()
    assert (tea.text, tea.kind, tea.options, tea.required) == ("Coffee?", "text", [], False)
    client.post(f"{SETTINGS}questions/{why.pk}/", {"act": "delete"})
    assert list(community.join_questions.all()) == [tea]
    client.post(f"{SETTINGS}rules/", {"references_asked": 3})
    client.post(f"{SETTINGS}rules/", {"references_asked": 9})
    community.refresh_from_db()
    assert (community.references_asked, community.dues_first) == (3, False)


@pytest.mark.parametrize("act", ["up", "delete"])
def test_whose_role_ends_meanwhile_is_told_so_and_changes_nothing(client, community, owner, monkeypatch, act):
    question = ask(community, kind="text")
    done = "delete" if act == "delete" else "move"
    through = getattr(questions, done)

    def in_that_moment(**given):
        Membership.objects.filter(pk=owner.pk).update(role=Role.MEMBER)
        return through(**given)

    monkeypatch.setattr(questions, done, in_that_moment)
    assert client.post(f"{SETTINGS}questions/{question.pk}/", {"act": act}).status_code == 403
    assert JoinQuestion.objects.get() == question


def test_the_words_of_a_decision_are_seen_saved_and_given_back(client, community, owner):
    address = f"{SETTINGS}letters/?decision=reject&language=zh-hans"
    page = client.get(address)
    product = page.context["form"]["text"].value()
    assert "{name}" in product
    page = client.post(address, {"text": "{name}: {reason} {community}", "act": "preview"})
    assert page.context["preview"].endswith("Lantern") and not DecisionLetter.objects.exists()
    assert client.post(address, {"text": "{user.password}"}).context["form"].errors["text"]
    client.post(address, {"text": "{name}, leider nein. {reason}"})
    assert DecisionLetter.objects.get().text == "{name}, leider nein. {reason}"
    client.post(address, {"text": product})
    assert not DecisionLetter.objects.exists()


@pytest.mark.parametrize(
    ("role", "expected"),
    [(Role.MANAGER, 200), (Role.MODERATOR, 403), (Role.TREASURER, 403), (Role.MEMBER, 403)],
)
def test_who_may_open_which_room(client, community, role, expected):
    apply(community)
    key = Application.objects.get().key
    client.force_login(make.member(community, role=role).user)
    rooms = [QUEUE, f"{QUEUE}{key}/", SETTINGS, f"{SETTINGS}letters/", "/c/lantern/desk/settings/tiers/"]
    assert [client.get(room).status_code for room in rooms] == [expected] * 5


def test_member_fields_are_asked_after_the_questions_and_kept_as_the_member_s(client, community):
    why = ask(community, kind="text")
    given = {"community": community, "at": make.EARLY, "by": make.SITE, "seen_by": "member"}
    born = custom_fields.create(name="Born", kind="day", required=True, **given)
    drives = custom_fields.create(name="Drives", kind="flag", asked=True, **given)
    custom_fields.create(name="Shoe", kind="number", **given)
    person = make.person(name="Noor")
    client.force_login(person)
    form = client.get(JOIN).context["form"]
    names = [f"question_{why.pk}", f"custom_{born.pk}", f"custom_{drives.pk}", "named"]
    assert (list(form.fields), form.fields[names[1]].required) == (names, True)
    assert set(client.post(JOIN, {names[2]: "no"}).context["form"].errors) == {names[1]}
    wrong = client.post(JOIN, {names[1]: "0999-01-01"})
    assert wrong.context["form"].errors and not Application.objects.exists()
    page = client.post(JOIN, {names[0]: "Light", names[1]: "1990-05-04", names[2]: "no"}, follow=True)
    member = Membership.objects.get(user=person)
    assert (member.status, member.custom) == ("applied", {"Born": "1990-05-04", "Drives": False})
    application = Application.objects.get()
    assert [(one["question"], one["answer"]) for one in application.answers] == [
        ("Why?", "Light"), ("Born", "1990-05-04"), ("Drives", False),
    ]  # fmt: skip
    # The questions alone are kept with the membership: a field's value has its place there.
    assert [one["question"] for one in member.answers] == ["Why?"]
    client.force_login(community.founded_by)
    queue = client.get(f"{QUEUE}{application.key}/")
    for answers in (page.context["answers"], queue.context["answers"]):
        assert [one["answer"] for one in answers] == ["Light", "4 May 1990", "No"]


def test_who_comes_again_finds_what_is_known_of_them(client, community):
    Community.objects.update(join_policy="open")
    given = {"community": community, "at": make.EARLY, "by": make.SITE, "seen_by": "member", "asked": True}
    shoe = custom_fields.create(name="Shoe", kind="number", **given)
    member = make.member(Community.objects.get())
    Membership.objects.filter(pk=member.pk).update(custom={"Shoe": 43, "Locker": "7"}, status="left")
    client.force_login(member.user)
    assert client.get(JOIN).context["form"].initial == {f"custom_{shoe.pk}": 43}
    client.post(JOIN, {f"custom_{shoe.pk}": "44"})
    member.refresh_from_db()
    assert (member.status, member.custom) == ("active", {"Shoe": 44, "Locker": "7"})
