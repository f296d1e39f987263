"""The page Ties: one thing to do, the picture, who holds others together, whom to introduce; and the same over the API."""

from datetime import timedelta

import pytest

from communities.models import Block
from communities.services import measures
from engagement.models import Figure, Introduction, NetworkDrawing
from engagement.selectors import cohesion, drawing
from engagement.services import drawings, introductions, refresh
from kernel.activity import Activity, publish
from kernel.clock import now
from kernel.words import day as written
from members.actors import Actor
from members.models import Membership, Message
from members.roles import Role
from members.services import erasure, profiles, standing
from tests import api, make
from tests.engagement import acting

pytestmark = pytest.mark.django_db

PAGE = "/c/lantern/desk/ties/"
LEFT, RIGHT = range(2, 6), range(7, 11)
BRIDGE = 6


@pytest.fixture
def community(client, settings):
    """Two groups of four who talk among themselves, and one member who alone holds them together, and was last seen 20 days
    ago. All but the owner, who stands aside."""
    return two_groups(client, settings, LEFT, RIGHT)


def two_groups(client, settings, *groups):
    """As above, of these numbers; who stands between them has the number after the first group's last."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    bridge = groups[0][-1] + 1
    for number in range(2, groups[1][-1] + 1):
        member = make.member(community, name=f"M{number}")
        profiles.present(membership=member, at=make.EARLY, interests=["Tea"], shown=["interests"])
    edges = [(one, other) for group in groups for one in group for other in group if one != other]
    for one, other in [*edges, (bridge, 2), (bridge, groups[1][0])]:
        for days in (20, 25) if bridge in (one, other) else (2, 4):
            at = now() - timedelta(days=days)
            told = {"verb": "commented", "target": other, "dedupe": f"{one}-{other}-{days}"}
            publish(Activity(community_id=community.pk, member=one, at=at, **told))
    refresh.refresh(community_id=community.pk, at=now())
    client.force_login(Membership.objects.of(community.id).get(number=1).user)
    client.get(PAGE)
    return community


@pytest.mark.parametrize("size", [2, 6])
def test_the_page_asks_as_much_of_many_as_of_few(client, db, size, settings, django_assert_num_queries):
    community = two_groups(client, settings, range(2, 2 + size), range(3 + size, 3 + 2 * size))
    drawings.bring(community=community)
    with django_assert_num_queries(22):
        page = client.get(PAGE)
    woven = page.context["woven"]
    assert len(woven.pairs) + woven.more_pairs >= size and len(woven.bridges) >= 1
    with django_assert_num_queries(6):
        page = client.get(f"{PAGE}parts/0/")
    assert len(page.context["members"]) >= size


def pair(*numbers):
    return {"pair": "-".join(str(number) for number in numbers)}


def test_it_says_the_one_thing_and_has_the_act_ready(client, community):
    assert drawings.due() == [community.pk]
    assert drawings.bring(community=community)
    assert not drawings.bring(community=community)
    assert drawings.due() == []
    page = client.get(PAGE)
    woven = page.context["woven"]
    first = woven.bridges[0]
    seen = written(first.standing.last_active_day)
    said = f"M6 holds 4 others to the rest, and was last active on {seen}. Write to them."
    assert page.context["say"] == cohesion.Say(said, bridge=first)
    assert (first.member.number, first.cut_off, first.stands) == (BRIDGE, 4, "Drifting")
    assert (first.around.one.number, first.around.other.number) == (2, 7)
    assert sorted(part.size for part in woven.parts) == [4, 5]
    text = page.content.decode()
    assert f'href="/c/lantern/messages/with/{BRIDGE}/"' in text
    assert 'data-network="/c/lantern/desk/ties/picture/"' in text
    # Without a script the parts stand there with their names and members.
    assert all(f"Around {part.central[0]}" in text for part in woven.parts)
    assert client.get(f"{PAGE}parts/0/").context["members"][0] == woven.parts[0].central[0]
    assert client.get(f"{PAGE}parts/99/").headers["Location"] == PAGE


def test_the_picture_has_everybody_who_is_in_touch_and_strong_ties_last(client, community):
    assert client.get(f"{PAGE}picture/").json()["number"] == []
    drawings.bring(community=community)
    rows = client.get(f"{PAGE}picture/").json()
    assert rows["number"] == list(range(2, 11)) and rows["name"][0] == "M2"
    ties = {
        tuple(sorted((rows["number"][one], rows["number"][other]))): place
        for place, (one, other) in enumerate(zip(rows["one"], rows["other"], strict=True))
    }
    assert len(ties) == 14 and rows["strong"] == 12
    weak = len(ties) - rows["strong"]
    assert {tie for tie, place in ties.items() if place < weak} == {(2, BRIDGE), (BRIDGE, 7)}
    kept = NetworkDrawing.objects.get().data
    NetworkDrawing.objects.update(version=0)
    assert drawings.bring(community=community)
    assert NetworkDrawing.objects.get().data == kept


def test_more_members_than_can_be_drawn_are_drawn_in_part_and_it_says_so(client, community, monkeypatch):
    monkeypatch.setattr(drawing, "NODES", 5)
    drawings.bring(community=community)
    rows = client.get(f"{PAGE}picture/").json()
    assert 0 < len(rows["number"]) <= 5 and set(rows["part"]) == {0, 1}
    assert "A sample: drawn are" in client.get(PAGE).content.decode()


def test_one_button_introduces_and_another_says_not_these_two(client, community):
    pairs = [one.key for one in client.get(PAGE).context["woven"].pairs]
    assert len(pairs) == 6
    answer = client.post(f"{PAGE}introduce/", {**pair(3, 8), "do": "introduce"})
    assert answer.headers["Location"] == f"{PAGE}#introduce"
    client.post(f"{PAGE}introduce/", {**pair(4, 9), "do": "set_aside"})
    assert Message.objects.filter(kind="introduction.made").count() == 2
    page = client.get(PAGE)
    assert {"3-8", "4-9"}.isdisjoint(one.key for one in cohesion.woven(community, at=now()).pairs)
    assert "1 pair introduced so far, 0 in touch since" in page.content.decode()
    listed = client.get(f"{PAGE}introductions/")
    assert [told.followed for told in listed.context["rows"]] == ["", "Not in touch yet."]
    row = Introduction.objects.get(state="set_aside")
    client.post(f"{PAGE}introductions/{row.key}/take-up/")
    assert Introduction.objects.count() == 1
    for nonsense in ("", "3", "3-99", "x-y", "4-8-9", "４-8", "4-4"):
        assert client.post(f"{PAGE}introduce/", {"pair": nonsense}).status_code == 302
    assert Introduction.objects.count() == 1


def test_from_an_act_of_the_week_one_comes_back_to_it_and_sees_who_was_introduced(client, community):
    beside = {"3": 8, "8": 3, "4": 9, "9": 4}
    act = acting.an_act(community, 3, 8, 4, 9, rule="introduce", about={"beside": beside})
    address = f"/c/lantern/desk/week/{act.key}/"
    assert [one.settled for one in client.get(address).context["people"]] == [None, None]
    back = client.post(f"{PAGE}introduce/", {**pair(3, 8), "do": "introduce", "from": str(act.key)})
    assert back.headers["Location"] == address
    page = client.get(address)
    assert [one.settled and one.settled.state for one in page.context["people"]] == ["made", None]
    told = page.content.decode()
    assert "Introduced" in told and told.count('name="do" value="introduce"') == 1


def test_whom_both_know_is_named_to_neither(client, community):
    client.post(f"{PAGE}introduce/", {**pair(3, BRIDGE), "do": "introduce"})
    row = Introduction.objects.get()
    assert row.why == {"shared_neighbours": 1, "shared_interests": 1, "same_city": False}
    for letter in Message.objects.filter(kind="introduction.made"):
        assert "You both like: Tea. You are in touch with some of the same people." in letter.text
        assert "M2" not in letter.text + letter.html


def test_whom_one_has_blocked_is_proposed_to_neither(client, community):
    two, three, seven = (Membership.objects.get(number=number) for number in (2, 3, 7))
    before = {one.key for one in cohesion.woven(community, at=now()).pairs}
    drawings.bring(community=community)
    Block.objects.create(by=seven, whom=two, at=now())
    Block.objects.create(by=three, whom=seven, at=now())
    profiles.present(membership=Membership.objects.get(number=8), at=now(), listed=False)
    woven = cohesion.woven(community, at=now())
    assert woven.bridges[0].around is None
    keys = {key for one in woven.pairs for key in one.key.split("-")}
    assert "8" not in keys
    assert {one.key for one in woven.pairs} >= {"2-9"} and before >= {"2-7"}
    assert {"2-7", "3-7"}.isdisjoint(one.key for one in woven.pairs)
    figure = client.get("/c/lantern/desk/figures/introductions/").context["rows"]
    assert {"2-7", "3-7", "2-8"}.isdisjoint(one.key for one in figure)


def test_a_pair_that_may_not_be_any_more_stands_nowhere(client, community):
    """The figure is of the day before; who has left since, opted out, closed themselves to the other or been erased is told as
    part of no pair: on the pages, by the API, in the rows to take along."""
    page, figure = "/c/lantern/desk/figures/introductions/", "metrics/introductions/"
    program = api.Program(community)
    before = program.get(figure).json()["data"]
    stored = Figure.objects.get(key="introductions").data
    assert before == stored and len(before["pairs"]) == before["found"] == 22
    two, three, seven, eight, nine, ten = (Membership.objects.get(number=n) for n in (2, 3, 7, 8, 9, 10))
    by = Actor.person(community.founded_by, Membership.objects.get(number=1))
    Block.objects.create(by=seven, whom=two, at=now())
    profiles.present(membership=three, at=now(), listed=False)
    measures.mute(membership=eight, hours=5, reason="Loud", at=now(), by=by)
    standing.act("leave", membership=nine, at=now(), by=make.SITE)
    erasure.erase(membership=ten, at=now(), by=by)
    data = program.get(figure).json()["data"]
    pairs = {tuple(sorted(row["members"])) for row in data["pairs"]}
    assert pairs == {(4, 6), (5, 6), (4, 7), (5, 7)}
    assert data["found"] == len(pairs)
    gone = {3, 8, 9, 10}
    assert all(gone.isdisjoint(row["neighbours"]) for row in data["pairs"])
    rows = b"".join(client.get(f"{page}csv/")).decode().splitlines()[1:]
    assert {
        tuple(sorted(int(name.removeprefix("M")) for name in row.split(",")[:2])) for row in rows
    } == pairs
    assert {one.key for one in client.get(page).context["rows"]} == {"4-6", "5-6", "4-7", "5-7"}


def test_who_may_not_introduce_sees_no_buttons(client, community):
    client.force_login(make.member(community, role=Role.TREASURER).user)
    assert "Not these two" not in client.get(PAGE).content.decode()


def test_before_anything_is_counted_it_says_what_will_be_there(client, db):
    community = make.community("empty")
    client.force_login(Membership.objects.of(community.id).get().user)
    assert "Nobody has turned to anybody yet" in client.get("/c/empty/desk/ties/").content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_as_many_queries(client, db, many, settings, django_assert_num_queries):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    client.force_login(Membership.objects.of(community.id).get().user)
    client.get(f"{PAGE}introductions/")
    for number in range(many):
        make.member(community)
        acting.an_introduction(community, 1, number + 2)
    with django_assert_num_queries(8):
        page = client.get(f"{PAGE}introductions/")
    assert len(page.context["rows"]) == many


def test_programs_introduce_decline_and_read_what_followed(community):
    program = api.Program(community)
    made = program.post("introductions/", {"members": [8, 3]})
    assert (made.status_code, made.json()["members"], made.json()["by"]) == (201, [3, 8], None)
    assert made.json()["why"] == {"shared_neighbours": 0, "shared_interests": 1, "same_city": False}
    again = program.post("introductions/decline/", {"members": [3, 8]})
    assert (again.status_code, again.json()["code"]) == (422, "already")
    declined = program.post("introductions/decline/", {"members": [4, 9]})
    rows = program.get("introductions/").json()["results"]
    assert [(row["members"], row["state"], row["met_on"]) for row in rows] == [
        ([4, 9], "set_aside", None), ([3, 8], "made", None),
    ]  # fmt: skip
    gone = program.client.delete(f"{program.root}introductions/{declined.json()['id']}/")
    assert (gone.status_code, Introduction.objects.count()) == (204, 1)
    assert program.post("introductions/", {"members": [3, 99]}).status_code == 404
    for wrong, status in (([3, 3], 422), ([2, 3], 422), ([3], 400), (["x", 2], 400)):
        assert program.post("introductions/", {"members": wrong}).status_code == status
    assert Introduction.objects.count() == 1
    assert introductions.look_back(community=community) == 0
