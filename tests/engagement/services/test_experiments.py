"""Experiments: who is assigned to what, what they read, and that nothing is told before the end."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from communities.services import arrivals, questions
from engagement.models import Assignment, Experiment
from engagement.selectors import experiments as seen
from engagement.selectors.trials import trials
from engagement.services import arms, experiments
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Invitation, MailTemplate, Membership, Message
from members.roles import Role
from members.services import erasure, invitation_mail, mail_templates, memberships, merging
from tests import make
from tests.engagement import trying

pytestmark = pytest.mark.django_db

AT = make.EARLY
DAY = timedelta(days=1)
TOLD = {"at": AT, "by": make.SITE}


@pytest.fixture
def community():
    return make.community("lantern")


def welcomes(community):
    rows = Message.objects.filter(community=community, kind="member.welcome").order_by("membership__number")
    return list(rows.values_list("subject", flat=True))


def acts(community, member, at, verb="posted"):
    with transaction.atomic():
        activity.publish(Activity(community_id=community.pk, member=member.number, verb=verb, at=at))


def ends(*, experiment_id, at):
    """As the sweep has it: counted, and ended where that is due."""
    arms.fill()
    return experiments.end(experiment_id=experiment_id, at=at)


def test_of_each_four_two_are_a_and_two_b():
    drawn = {"".join(arms.arm_of(seed, 4 * n + k) for k in range(4)) for seed in range(40) for n in range(5)}
    assert drawn == {"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"}
    assert [arms.arm_of(7, n) for n in range(40)] == [arms.arm_of(7, n) for n in range(40)]


def test_newcomers_read_the_words_of_their_arm(community):
    experiment = trying.running(community, size=2)
    for n in range(5):
        make.member(community, at=AT + n * DAY)
    rows = list(Assignment.objects.order_by("place"))
    assert [row.place for row in rows] == list(range(4))
    assert [row.arm for row in rows] == [arms.arm_of(experiment.seed, n) for n in range(4)]
    assert [row.member for row in rows] == list(range(2, 6))
    usual = "Welcome to Lantern"
    assert welcomes(community) == [{"A": usual, "B": "Come and see"}[row.arm] for row in rows] + [usual]
    arms.fill()
    experiment.refresh_from_db()
    assert (experiment.assigned, experiment.full_at) == (4, AT + 3 * DAY)
    assert experiment.matures_at == AT + 10 * DAY


def test_staff_and_who_is_entered_by_staff_are_not_assigned(community):
    trying.running(community)
    make.member(community, role=Role.MANAGER)
    memberships.add(community=community, name="Old", **TOLD)
    assert not Assignment.objects.exists()


def test_who_invites_is_assigned_once_however_many_letters_they_send(community):
    ada, bob = make.member(community), make.member(community)
    experiment = trying.running(community, "invitation", size=2)
    for member, email in ((ada, "a@x.org"), (ada, "b@x.org"), (bob, "c@x.org"), (ada, "d@x.org")):
        invitation_mail.send(
            community=community, inviter=member, email=email, at=AT, by=Actor.person(member.user, member)
        )
    found = dict(Assignment.objects.values_list("member", "arm"))
    assert set(found) == {ada.number, bob.number}
    letters = Message.objects.filter(kind="invitation").values_list("address", "subject")
    for address, subject in letters:
        arm = found[bob.number if address == "c@x.org" else ada.number]
        assert (subject == "Come and see") == (arm == "B")
    arms.fill()
    experiment.refresh_from_db()
    assert experiment.assigned == 2


def test_what_newcomers_are_asked_is_put_otherwise_or_left_out(community):
    why, agrees = questions.put_to(community, make.person())[:2]
    first, second, *_rest = trials.get("join-questions").in_force(community)
    b = [replace(first, text="Why, in a word?", required=True), replace(second, asked=False)]
    planned = experiments.plan(
        community=community, trial="join-questions", title="Fewer", b=b, base=0.5, least=0.3, **TOLD
    )
    experiments.start(experiment=planned, **TOLD)
    people = [make.person() for _n in range(4)]
    for person in people:
        questions.opened(community=community, user=person, membership=None, at=AT)
        questions.opened(community=community, user=person, membership=None, at=AT)
    assert Assignment.objects.count() == 4
    for person in people:
        asked = {row.pk: row for row in questions.put_to(community, person)}
        if Assignment.objects.get(user=person).arm == "B":
            assert (asked[why.pk].text, asked[why.pk].required) == ("Why, in a word?", True)
            assert agrees.pk not in asked
        else:
            assert (asked[why.pk].text, agrees.pk in asked) == (why.text, True)
    # Joining judges the answers by what was asked.
    for person in people:
        given = {
            row.pk: row.options[0] if row.options else "So" for row in questions.put_to(community, person)
        }
        joined = arrivals.come_in(community=community, user=person, answers=given, at=AT + DAY, by=make.SITE)
        assert Assignment.objects.get(user=person).member == joined.number
        told = [one["question"] for one in joined.answers]
        assert ("Why, in a word?" in told) == (Assignment.objects.get(user=person).arm == "B")


def test_who_was_a_member_before_is_not_assigned(community):
    member = make.member(community)
    trying.running(community, "join-questions")
    questions.opened(community=community, user=member.user, membership=member, at=AT)
    assert not Assignment.objects.exists()


def finished(community, *, b_acts=1, a_acts=1, size=2):
    """A welcome tried on 2 x `size` newcomers, of whom so many took part; it has ended."""
    experiment = trying.running(community, size=size)
    members = [make.member(community, at=AT) for _n in range(2 * size)]
    left = {"A": a_acts, "B": b_acts}
    for row in Assignment.objects.order_by("place"):
        member = next(one for one in members if one.number == row.member)
        acts(community, member, AT + timedelta(hours=1), "visited")
        if left[row.arm]:
            left[row.arm] -= 1
            acts(community, member, AT + 7 * DAY)
        else:
            acts(community, member, AT + 7 * DAY + timedelta(microseconds=1))
    assert not ends(experiment_id=experiment.pk, at=AT + 7 * DAY - timedelta(microseconds=1))
    assert experiments.due(at=AT + 7 * DAY) == [experiment.pk]
    assert ends(experiment_id=experiment.pk, at=AT + 7 * DAY)
    assert not ends(experiment_id=experiment.pk, at=AT + 8 * DAY)
    experiment.refresh_from_db()
    return experiment, members


def test_the_end_counts_who_took_part_within_seven_days(community):
    experiment, _members = finished(community, size=2, a_acts=1, b_acts=2)
    of_a = next(n for n in range(4) if arms.arm_of(experiment.seed, n) == "A")
    both = [n for n in range(4) if arms.arm_of(experiment.seed, n) == "B"]
    counted = [[n, 1] for n in sorted([of_a, *both])]
    assert experiment.result == trying.a_result(a=(2, 1), b=(2, 2), counted=counted)
    result = seen.result(experiment)
    assert [(arm.units, arm.good) for arm in result.arms] == [(2, 1), (2, 2)]
    assert experiments.due(at=AT + 400 * DAY) == []


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([100, 20], [100, 40], "Of 100 newcomers, 7 to 32 more take part with B than with A."),
        ([100, 40], [100, 20], "Of 100 newcomers, 7 to 32 fewer take part with B than with A."),
        ([100, 20], [100, 21], "No difference can be told: of 100 newcomers, with B 10 fewer or 12 more may take part."),
        ([9000, 900], [9000, 990], "Of 100 newcomers, 0.1 to 1.9 more take part with B than with A."),
    ],
)  # fmt: skip
def test_one_sentence_says_it(a, b, said):
    kept = {"a": a, "b": b, "merged": []}
    assert seen.result(Experiment(subject="member.welcome", state="ended", result=kept)).sentence == said


def test_by_letters_of_an_inviter_somebody_joins_within_thirty_days(community):
    four = [make.member(community) for _n in range(4)]
    trying.running(community, "invitation", size=2)
    for n, member in enumerate(four):
        by = Actor.person(member.user, member)
        invitation_mail.send(community=community, inviter=member, email=f"{n}@x.org", at=AT, by=by)
    late = timedelta(microseconds=1)
    for email, after in (("0@x.org", 30 * DAY), ("1@x.org", 30 * DAY + late)):
        person = make.person(email)
        letter = Invitation.objects.get(email=email)
        memberships.enrol(
            community=community,
            user=person,
            at=AT + after,
            invited_by=letter.inviter,
            channel="email",
            by=make.SITE,
        )
    experiment = Experiment.objects.get()
    assert ends(experiment_id=experiment.pk, at=AT + 30 * DAY)
    experiment.refresh_from_db()
    arm = Assignment.objects.get(member=four[0].number).arm.lower()
    assert experiment.result[arm] == [2, 1]
    assert experiment.result["ab".replace(arm, "")] == [2, 0]


def test_erasing_changes_no_result_and_leaves_a_bare_number(community):
    experiment = trying.running(community, size=2)
    members = [make.member(community, at=AT) for _n in range(4)]
    acts(community, members[0], AT + DAY)
    erasure.erase(membership=members[0], **TOLD)
    assert ends(experiment_id=experiment.pk, at=AT + 7 * DAY)
    experiment.refresh_from_db()
    arm = Assignment.objects.get(member=members[0].number).arm.lower()
    assert experiment.result[arm] == [2, 1]


def test_two_records_of_one_person_count_once_as_they_were_assigned_first(community):
    experiment = trying.running(community, size=2)
    members = [make.member(community, at=AT) for _n in range(4)]
    first, last = members[0], members[3]
    acts(community, first, AT + DAY)
    # Of two who both sign in each would be asked first.
    Membership.objects.filter(pk=first.pk).update(user=None)
    first.refresh_from_db()
    merging.merge(kept=last, merged=first, at=AT + DAY, by=make.SITE)
    assert arms._find(experiment, arms.Unit(member=Membership.objects.get(pk=last.pk))).member == first.number
    assert ends(experiment_id=experiment.pk, at=AT + 7 * DAY)
    experiment.refresh_from_db()
    kept, dropped = (Assignment.objects.get(member=one.number).arm.lower() for one in (first, last))
    assert len(experiment.result["merged"]) == 1
    assert sum(experiment.result[arm][0] for arm in "ab") == 3
    assert experiment.result[kept][1] == 1
    assert experiment.result[dropped][0] == (1 if kept != dropped else 1)


def test_until_it_ends_nothing_is_told_and_nothing_is_known(community):
    """What is kept, shown and logged holds no count by arm, and is the same whoever acts."""
    experiment = trying.running(community, size=2)
    members = [make.member(community, at=AT) for _n in range(4)]
    experiment.refresh_from_db()

    def told():
        one = Experiment.objects.get(pk=experiment.pk)
        shown = seen.shown(community, one, at=AT + DAY)
        values = list(Experiment.objects.filter(pk=one.pk).values())
        log = list(AuditEntry.objects.filter(object_kind="experiment").values("action", "values"))
        return shown.result, shown.days, values, json.dumps(log)

    before = told()
    assert before[0] is None and Experiment.objects.get().result is None
    for member in members:
        acts(community, member, AT + timedelta(hours=1))
    assert told() == before


def test_who_stops_early_is_told_nothing_ever(community):
    experiment = trying.running(community, size=2)
    for _n in range(4):
        acts(community, make.member(community, at=AT), AT + timedelta(hours=1))
    experiment = experiments.stop(experiment=experiment, at=AT + DAY, by=make.SITE)
    assert (experiment.state, seen.result(experiment)) == ("stopped", None)
    assert not ends(experiment_id=experiment.pk, at=AT + 30 * DAY)
    make.member(community)
    assert welcomes(community)[-1] == "Welcome to Lantern"
    for act in (experiments.start, experiments.stop):
        with pytest.raises(Refused) as refused:
            act(experiment=experiment, **TOLD)
        assert refused.value.code == "not_now"
    with pytest.raises(Refused):
        experiments.take(experiment=experiment, arm="B", **TOLD)


def test_what_runs_is_held_as_it_is(community):
    experiment = trying.running(community)
    trying.running(community, "join-questions")
    other = trying.an_experiment(community, title="Another")
    with pytest.raises(Refused) as refused:
        experiments.start(experiment=other, **TOLD)
    assert refused.value.code == "running"
    why = community.join_questions.first()
    words = {"community": community, "kind": "member.welcome", "language": "en"}
    for change in (
        lambda: mail_templates.save(subject="New", body="New", **words, **TOLD),
        lambda: mail_templates.reset(**words, **TOLD),
        lambda: questions.create(community=community, text="New?", **TOLD),
        lambda: questions.update(question=why, text="New?", **TOLD),
        lambda: questions.move(question=why, up=False, **TOLD),
        lambda: questions.delete(question=why, **TOLD),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "being_tried"
    mail_templates.save(**{**words, "kind": "invitation"}, subject="New", body="[x]({url})", **TOLD)
    for field, value in {"size": 99, "b": [], "seed": 1, "base": 0.9, "started_at": AT + DAY}.items():
        with pytest.raises(DatabaseError), transaction.atomic():
            Experiment.objects.filter(pk=experiment.pk).update(**{field: value})


def test_b_is_taken_for_good_through_the_service_of_its_words(community):
    experiment, _members = finished(community)
    assert experiments.take(experiment=experiment, arm="B", **TOLD).taken == "B"
    assert MailTemplate.objects.get().subject == "Come and see"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert [one for one in actions if one.startswith(("experiment.", "mail."))] == [
        "experiment.planned",
        "experiment.started",
        "experiment.ended",
        "mail.words_changed",
        "experiment.taken",
    ]
    with pytest.raises(Refused):
        experiments.take(experiment=experiment, arm="A", **TOLD)


def test_questions_are_taken_for_good(community):
    first, second, *_rest = trials.get("join-questions").in_force(community)
    b = [replace(first, text="Why, in a word?"), replace(second, asked=False)]
    given = {"title": "Fewer", "base": 0.5, "least": 0.3}
    planned = experiments.plan(community=community, trial="join-questions", b=b, **given, **TOLD)
    many = community.join_questions.count()
    Experiment.objects.filter(pk=planned.pk).update(size=2)
    experiments.start(experiment=planned, **TOLD)
    for _n in range(4):
        questions.opened(community=community, user=make.person(), membership=None, at=AT)
    assert ends(experiment_id=planned.pk, at=AT + 14 * DAY)
    planned.refresh_from_db()
    assert planned.result == trying.a_result(a=(2, 0), b=(2, 0))
    experiments.take(experiment=planned, arm="B", **TOLD)
    assert community.join_questions.first().text == "Why, in a word?"
    assert community.join_questions.count() == many - 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"trial": "tea"}, "trial"),
        ({"base": 1.2}, "base"),
        ({"least": 0.0}, "least"),
        ({"least": 0.9}, "least"),
        ({"least": 0.0001}, "least"),
        ({"b": []}, "b"),
    ],
)
def test_what_cannot_be_planned(community, fields, field):
    first, *rest = trials.get("welcome").in_force(community)
    b = [replace(first, text="Come and see"), *rest]
    given = {"trial": "welcome", "title": "Try", "b": b, "base": 0.2, "least": 0.1} | fields
    with pytest.raises(Refused) as refused:
        experiments.plan(community=community, **given, **TOLD)
    assert refused.value.field == field
    assert not Experiment.objects.exists()


def test_words_that_do_not_fit_are_refused(community):
    first, *rest = trials.get("welcome").in_force(community)
    for text in ("", "Hello {nobody}"):
        with pytest.raises(Refused) as refused:
            experiments.plan(
                community=community, trial="welcome", title="Try", b=[replace(first, text=text), *rest],
                base=0.2, least=0.1, **TOLD,
            )  # fmt: skip
        assert refused.value.field == "b"


def test_only_who_may_change_the_words_plans(community):
    host = make.member(community, role=Role.HOST)
    by = Actor.person(host.user, host)
    with pytest.raises(Refused) as refused:
        trying.an_experiment(community, by=by)
    assert refused.value.code == "no_longer_allowed"
    experiment = trying.an_experiment(community)
    for act in (experiments.start, experiments.stop):
        with pytest.raises(Refused):
            act(experiment=experiment, at=AT, by=by)
    assert Experiment.objects.get().state == "planned"


def test_history_says_how_it_went_and_how_long_it_takes(community):
    for n in range(4):
        member = make.member(community, at=AT + DAY)
        if n < 2:
            acts(community, member, AT + 2 * DAY)
    later = AT + 27 * DAY
    history = trials.get("welcome").history(community, at=later)
    assert (history.units, history.succeeded, history.days) == (4, 2, 20)
    experiment = trying.an_experiment(community, base=0.4, least=0.3)
    shown = seen.shown(community, experiment, at=later)
    # One newcomer in five days, and seven days for the last.
    assert shown.days == 5 * experiment.total + 7
    assert shown.takes_long == (shown.days > 182)
    asked = trials.get("join-questions").history(community, at=later)
    assert (asked.units, asked.share) == (None, None)
    assert asked.a_day(0.5) == pytest.approx(2 * asked.succeeded / asked.days)
    assert Membership.objects.of(community.pk).count() == 5


def test_a_question_that_came_after_planning_stands_in_both(community):
    planned = trying.an_experiment(community, "join-questions")
    questions.create(community=community, text="Anything else?", **TOLD)
    started = experiments.start(experiment=planned, **TOLD)
    assert [len(started.a), len(started.b)] == [community.join_questions.count()] * 2
    assert [(text.a.text, text.is_changed) for text in seen.listed(started, at=AT).texts][-1] == (
        "Anything else?",
        False,
    )
    experiments.stop(experiment=started, **TOLD)
    again = trying.an_experiment(community, "join-questions")
    questions.delete(question=community.join_questions.first(), **TOLD)
    with pytest.raises(Refused) as refused:
        experiments.start(experiment=again, **TOLD)
    assert refused.value.code == "changed"
