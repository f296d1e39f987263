"""What is worth doing: found from figures, decided by staff, and looked at a week later."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote_plus

import numpy as np
import pytest
from pyroaring import BitMap

from communities.models import Circle, CircleMembership, Community
from communities.services import message_blocks, posts
from engagement import packing
from engagement.models import ActiveDay, MemberStanding, PairDay, RollupState, WeekAct
from engagement.selectors import week_acts as seen
from engagement.selectors.aftermath import Aftermath
from engagement.selectors.rules import Asked, Found, Rule, rules
from engagement.services import refresh, week_acts
from gatherings.models import Event
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, User
from members.roles import Role
from members.services import invitation_mail, memberships, merging, notes, profiles
from tests import api, make, once
from tests.engagement import acting
from tests.gatherings import holding

pytestmark = pytest.mark.django_db

#: A Wednesday.
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def lantern(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        yield of_newcomers()


@pytest.fixture
def community(lantern):
    return Community.objects.get(pk=lantern.pk)


def of_newcomers():
    community = make.community("lantern")
    for n in range(12):
        make.member(community, at=NOW - timedelta(days=2, minutes=n), name=f"New {n}")
    refresh.refresh(community_id=community.pk, at=NOW)
    return community


def staff(community, role=Role.MANAGER):
    member = make.member(community, role=role)
    return Actor.person(member.user, member)


def invite(inviter, *, at):
    by = Actor.person(inviter.user, inviter)
    invitation_mail.send(
        community=inviter.community, inviter=inviter, email="friend@example.org", at=at, by=by
    )


def brought(inviter, *, at):
    memberships.enrol(
        community=inviter.community, user=make.person(), at=at, invited_by=inviter, by=make.SITE
    )


def active_on(community, day, *numbers):
    ActiveDay.objects.create(community_id=community.pk, day=day, members=BitMap(numbers).serialize())


def test_this_weeks_acts_are_found_once_and_name_their_people(community):
    assert week_acts.plan(community=community, at=NOW) == 1
    assert week_acts.plan(community=community, at=NOW + timedelta(hours=2)) == 0
    act = WeekAct.objects.get()
    assert (act.week, act.rule, act.figure, act.state) == (date(2026, 3, 9), "welcome", "activation", "open")
    latest = list(
        Membership.objects.of(community.pk)
        .filter(role="member")
        .order_by("-joined_at")
        .values_list("number", flat=True)
    )
    assert (act.people, act.others) == (latest[:10], latest[10:])
    assert act.effect == pytest.approx(10 * 0.2)
    (told,) = seen.this_week(community, at=NOW).now
    assert told.words == "Welcome 10 newcomers who have not done anything yet."
    people = seen.people(community, act, at=NOW)
    assert [person.member.number for person in people] == latest[:10]
    assert people[0].url == (
        f"/c/lantern/messages/with/{latest[0]}/?words=Welcome%2C+{people[0].member.display_name.replace(' ', '+')}%21+"
        "What+brought+you+here%2C+and+what+would+you+like+to+find%3F#write"
    )


def test_what_may_be_written_is_in_the_language_of_who_reads_it(community):
    chinese = make.member(community, name="小明")
    User.objects.filter(pk=chinese.user_id).update(language="zh-hans")
    act = acting.an_act(community, chinese.number)
    (person,) = seen.people(community, act, at=NOW)
    assert "欢迎你，小明" in unquote_plus(person.url)


def test_the_next_week_is_another(community):
    week_acts.plan(community=community, at=NOW)
    assert seen.this_week(community, at=NOW + timedelta(days=7)).now == []
    assert week_acts.plan(community=community, at=datetime(2026, 3, 16, 0, 1, tzinfo=UTC)) == 1
    assert [act.week for act in WeekAct.objects.all()] == [date(2026, 3, 16), date(2026, 3, 9)]


def test_at_most_three_and_the_greatest_effect_first(community, monkeypatch):
    class Some(Rule):
        figure, act = "activation", "Do"

        def __init__(self, key, lift):
            self.key, self.lift = key, lift

        def find(self, asked):
            assert asked.figure("activation")["joined"] >= 0
            return Found([1])

        def words(self, act):
            return self.key

        reason = words

    made = {key: Some(key, lift) for key, lift in (("a", 0.1), ("b", 0.4), ("c", 0.3), ("d", 0.2))}
    monkeypatch.setattr(rules, "_entries", made)
    assert week_acts.plan(community=community, at=NOW) == 3
    assert [told.words for told in seen.this_week(community, at=NOW).now] == ["b", "c", "d"]


def test_done_set_aside_and_taken_up_again_are_kept_and_written_down(community):
    act, by = acting.an_act(community, 2), staff(community)
    for state in ("done", "done", "set_aside", "open"):
        act = week_acts.decide(act=act, state=state, at=NOW, by=by)
        assert act.state == state
        assert (act.decided_at, act.decided_by) == (
            (None, None) if state == "open" else (NOW, by.membership.number)
        )
    entries = AuditEntry.objects.filter(object_kind="week_act").order_by("id")
    assert [entry.action for entry in entries] == [
        "week_act.done",
        "week_act.set_aside",
        "week_act.taken_up_again",
    ]
    assert entries[0].after == {"state": "done", "rule": "welcome"}


@pytest.mark.parametrize("state", ["", "later"])
def test_what_is_no_state_is_refused(community, state):
    act = acting.an_act(community, 2)
    with pytest.raises(Refused) as refusal:
        week_acts.decide(act=act, state=state, at=NOW, by=staff(community))
    act.refresh_from_db()
    assert (refusal.value.code, act.state) == ("invalid", "open")


def test_who_is_no_staff_any_more_decides_nothing(community):
    act, by = acting.an_act(community, 2), staff(community)
    Membership.objects.filter(pk=by.membership.pk).update(role=Role.MEMBER)
    with pytest.raises(Refused):
        week_acts.decide(act=act, state="done", at=NOW, by=by)
    act.refresh_from_db()
    assert act.state == "open"


def test_a_week_later_it_is_seen_who_was_active_beside_who_was_left_alone(community):
    act = acting.an_act(community, 2, 3, 4, others=[5, 6], week=date(2026, 3, 9))
    week_acts.decide(act=act, state="done", at=NOW, by=staff(community))
    ActiveDay.objects.all().delete()
    active_on(community, date(2026, 3, 11), 2)  # the day itself does not count
    active_on(community, date(2026, 3, 12), 3, 5)
    active_on(community, date(2026, 3, 18), 4)
    active_on(community, date(2026, 3, 19), 6)  # nor does the eighth
    RollupState.objects.filter(pk=community.pk).update(as_of=date(2026, 3, 17))
    assert week_acts.look_back(community=community) == 0
    RollupState.objects.filter(pk=community.pk).update(as_of=date(2026, 3, 18))
    assert week_acts.look_back(community=community) == 1
    act.refresh_from_db()
    outcome = {key: act.outcome[key] for key in ("people", "followed", "others", "others_followed", "as_of")}
    assert outcome == {"people": 3, "followed": 2, "others": 2, "others_followed": 1, "as_of": "2026-03-18"}
    assert seen.followed(act) == (
        "Of the 3 it was about, 2 were active in the 7 days after. "
        "Of 2 like them who were left alone, 1: this is seen, not proved."
    )
    assert week_acts.look_back(community=community) == 0
    with pytest.raises(Refused) as refusal:
        week_acts.decide(act=act, state="open", at=NOW, by=staff(community))
    assert refusal.value.code == "over"


def test_what_was_seen_here_corrects_what_a_rule_expects(community):
    rule = rules.get("welcome")
    assert week_acts.lift(community.pk, rule) == pytest.approx(0.2)
    outcome = {"people": 10, "followed": 8, "others": 10, "others_followed": 2}
    acting.an_act(community, 2, state="done", decided_at=NOW, outcome=outcome)
    assert week_acts.lift(community.pk, rule) == pytest.approx((0.2 * 20 + 8 - 10 * 0.2) / 30)
    alone = {"people": 10, "followed": 8, "others": 0, "others_followed": 0}
    acting.an_act(community, 3, state="done", decided_at=NOW, outcome=alone, week=date(2026, 3, 2))
    assert week_acts.lift(community.pk, rule) == pytest.approx(1 / 3)


def test_pairs_are_introduced_where_that_figure_is_counted(community):
    common = {"neighbours": [], "score": 1, "shared_neighbours": 1, "same_city": False}
    data = {"pairs": [{"members": pair, **common} for pair in ([2, 3], [3, 4], [4, 5], [6, 7])]}
    # Who has closed themselves to the other since is no pair any more.
    six, seven = (Membership.objects.get(number=number) for number in (6, 7))
    message_blocks.block(by=seven, whom=six, at=NOW)
    rule = rules.get("introduce")
    found = rule.find(Asked(community, NOW, {"introductions": data}.get))
    assert (found.people, found.others) == ([2, 3, 4, 5], [])
    act = acting.an_act(community, *found.people, rule="introduce", about=found.about)
    people = seen.people(community, act, at=NOW)
    assert "do you know" in unquote_plus(people[0].url)
    assert [(one.member.number, one.beside.number) for one in people] == [(2, 3), (4, 5)]
    assert rule.words(act) == "Introduce 2 pairs of members to one another."
    assert rule.find(Asked(community, NOW, {}.get)) is None


def test_who_is_fading_is_left_in_peace_once_staff_have_written(community):
    data = {"members": [{"number": number} for number in (2, 3, 4)]}
    notes.write(membership=Membership.objects.get(number=3), text="Called", at=NOW, by=make.SITE)
    Membership.objects.filter(number=4).update(status="left")
    found = rules.get("fading").find(Asked(community, NOW + timedelta(days=1), {"at_risk": data}.get))
    assert found.people == [2]


def test_a_host_is_asked_where_nothing_is_announced(community):
    rule, events = rules.get("host"), {"held": 2, "mean_rsvps": 6}
    asked = Asked(community, NOW, {"events": events}.get)
    assert rule.find(asked) is None
    host = Membership.objects.get(number=3)
    event = holding.event(
        community,
        at=NOW - timedelta(days=30),
        host=host,
        starts_at=NOW - timedelta(days=9),
        ends_at=NOW - timedelta(days=8),
    )
    found = rule.find(asked)
    assert (found.people, found.each) == ([3], 6)
    Event.objects.filter(pk=event.pk).update(
        starts_at=NOW + timedelta(days=9), ends_at=NOW + timedelta(days=10)
    )
    assert rule.find(asked) is None


def test_threads_that_wait_longer_than_a_day_are_to_be_answered(community):
    author, circle = Membership.objects.get(number=2), community.circles.get(slug="help")
    CircleMembership.objects.create(circle=circle, membership=author, joined_at=make.EARLY)
    old = posts.write(circle=circle, author=author, body="Anyone?", at=NOW - timedelta(days=2))
    posts.write(circle=circle, author=author, body="New", at=NOW - timedelta(hours=2))
    found = rules.get("answer").find(Asked(community, NOW, {}.get))
    assert found.people == [2]
    act = acting.an_act(community, 2, rule="answer", about=found.about, value=None)
    assert seen.people(community, act, at=NOW)[0].url == f"/c/lantern/posts/{old.key}/"
    Circle.objects.filter(pk=circle.pk).update(kind="secret")
    assert rules.get("answer").find(Asked(community, NOW, {}.get)) is None


def test_acts_of_another_community_are_none_of_this_one(community):
    other = make.community()
    act = acting.an_act(other, 1)
    assert seen.find(community, act.key) is None
    assert seen.this_week(community, at=NOW).now == []


def test_new_members_who_come_often_are_asked_to_invite_where_members_may(community, monkeypatch):
    rule, asked = rules.get("invite"), Asked(community, NOW, {}.get)
    assert rule.find(asked) is None
    often = MemberStanding.objects.filter(membership__number__in=[2, 3, 4, 5, 6])
    often.update(active_days=4)
    often.filter(membership__number=6).update(active_days=9)
    # One has brought somebody, one has invited, one joined too long ago.
    two, three, four = (Membership.objects.get(number=number) for number in (2, 3, 4))
    brought(two, at=NOW - timedelta(days=1))
    invite(three, at=NOW)
    Membership.objects.filter(pk=four.pk).update(joined_at=NOW - timedelta(days=30))
    found = rule.find(asked)
    assert (found.people, found.others) == ([6, 5], [])
    act = acting.an_act(community, *found.people, rule="invite", value=None)
    assert rule.words(act) == "Ask 2 new members who come often to invite a friend."
    community.members_invite = False
    assert rule.find(asked) is None


def test_each_act_is_judged_by_what_it_is_for(community):
    after, done = Aftermath(community, date(2026, 3, 11)), date(2026, 3, 11)
    members = {number: Membership.objects.get(number=number) for number in range(2, 8)}

    def pairs(day, *rows):
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        PairDay.objects.create(
            community_id=community.pk, day=day, pairs=packing.pack(*columns), firsts=packing.pack(columns[0])
        )

    pairs(done, (2, 3, 1))
    pairs(done + timedelta(days=1), (5, 4, 2), (2, 6, 1))
    pairs(done + timedelta(days=8), (7, 6, 1))
    beside = {2: 3, 3: 2, 4: 5, 5: 4, 6: 7, 7: 6}
    act = acting.an_act(
        community, 2, 3, 4, 5, rule="introduce", about={"beside": {str(k): v for k, v in beside.items()}}
    )
    introduce = rules.get("introduce")
    assert introduce.followed(act, [2, 3, 4, 5], after) == {4, 5}
    assert introduce.followed(act, [6, 7], after) == set()
    assert introduce.followed(act, [], after) == set()
    assert introduce.outcome(4, 2) == "Of 2 pairs, 1 was in touch in the 7 days after."

    for number, at in ((2, NOW + timedelta(days=1)), (3, NOW + timedelta(days=9))):
        begins = NOW + timedelta(days=30)
        event = holding.event(
            community, at=NOW, host=members[number], starts_at=begins, ends_at=begins + timedelta(hours=2)
        )
        Event.objects.filter(pk=event.pk).update(published_at=at)
    assert rules.get("host").followed(act, [2, 3, 4], after) == {2}

    brought(members[2], at=NOW + timedelta(days=2))
    brought(members[3], at=NOW)
    invite(members[4], at=NOW + timedelta(days=3))
    assert rules.get("invite").followed(act, [2, 3, 4, 5], after) == {2, 4}


def test_who_was_merged_did_what_the_one_did_who_is_kept(community):
    after = Aftermath(community, date(2026, 3, 11))
    ActiveDay.objects.filter(day__gt=after.done).delete()
    active_on(community, date(2026, 3, 12), 3)
    kept, merged = (Membership.objects.get(number=number) for number in (3, 2))
    Membership.objects.filter(pk=merged.pk).update(user=None)
    merged.refresh_from_db()
    merging.merge(kept=kept, merged=merged, at=NOW, by=make.SITE)
    assert after.active([2, 3, 4]) == {2, 3}


def test_what_followed_lately_is_told_for_two_weeks(community):
    outcome = {"people": 1, "followed": 1, "others": 0, "others_followed": 0, "value": None}
    acting.an_act(community, 2, week=date(2026, 3, 2), outcome=outcome)
    acting.an_act(community, 2, week=date(2026, 3, 2), rule="fading")
    acting.an_act(community, 2, week=date(2026, 2, 16), outcome=outcome)
    assert [one.words for one in seen.this_week(community, at=NOW).seen] == [
        "Welcome 1 newcomer who has not done anything yet."
    ]


def test_whom_an_act_was_about_rests_from_its_kind_for_two_weeks(community):
    week_acts.plan(community=community, at=NOW)
    first = WeekAct.objects.get()
    week_acts.decide(act=first, state="done", at=NOW, by=staff(community))
    rule = rules.get("welcome")
    later = datetime(2026, 3, 16, 0, 1, tzinfo=UTC)
    assert week_acts.plan(community=community, at=later) == 1
    second = WeekAct.objects.exclude(pk=first.pk).get()
    # Those who were left alone come next: nobody waits longer than a week.
    assert (second.people, second.others) == (first.others, [])
    found = rule.find(Asked(community, later, {}.get))
    assert set(found.people) & set(first.people)
    resting = week_acts._resting(community, rule, at=NOW + week_acts.REST)
    assert (resting, week_acts._resting(community, rules.get("invite"), at=later)) == (set(), set())


def test_of_a_pair_both_rest():
    found = Found([2, 3, 4, 5], [6, 7], about={"beside": {"2": 3, "3": 2, "4": 5, "5": 4, "6": 7, "7": 6}})
    assert found.without([3]) == Found([4, 5, 6, 7], [], about=found.about)


def test_whoever_another_act_was_about_was_not_left_alone(community):
    by = staff(community)
    acts = {
        "looked at": acting.an_act(community, 2, others=[3, 4, 5, 6, 7], week=date(2026, 3, 9)),
        "before": acting.an_act(community, 7, week=date(2026, 3, 2)),
        "same week": acting.an_act(community, 3, rule="fading", week=date(2026, 3, 9)),
        "next week": acting.an_act(community, 4, week=date(2026, 3, 16)),
        "not done": acting.an_act(community, 5, rule="invite", week=date(2026, 3, 16)),
    }
    done = {"looked at": 0, "before": -8, "same week": 1, "next week": 7}
    for name, days in done.items():
        week_acts.decide(act=acts[name], state="done", at=NOW + timedelta(days=days), by=by)
    ActiveDay.objects.all().delete()
    active_on(community, date(2026, 3, 12), 2, 3, 4, 6)
    RollupState.objects.filter(pk=community.pk).update(as_of=date(2026, 3, 18))
    week_acts.look_back(community=community)
    outcome = WeekAct.objects.get(pk=acts["looked at"].pk).outcome
    assert (outcome["others"], outcome["others_followed"]) == (3, 1)


def test_two_who_may_not_be_introduced_any_more_are_told_to_nobody(community):
    beside = {"2": 3, "3": 2, "4": 5, "5": 4, "6": 7, "7": 6, "8": 9, "9": 8}
    act = acting.an_act(community, *range(2, 10), rule="introduce", about={"beside": beside})
    members = {number: Membership.objects.get(number=number) for number in range(2, 10)}
    message_blocks.block(by=members[3], whom=members[2], at=NOW)
    profiles.present(membership=members[4], at=NOW, listed=False)
    acting.an_introduction(community, 6, 7, state="set_aside")
    assert [one.member.number for one in seen.people(community, act, at=NOW)] == [8]
    program = api.Program(community)
    (row,) = program.get("week-acts/").json()["results"]
    assert row["people"] == [8, 9]
    assert program.post(f"week-acts/{act.key}/decide/", {"state": "done"}).json()["people"] == [8, 9]
