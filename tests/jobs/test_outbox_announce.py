"""Announcements: whom each reaches, inside the desk and by mail, and that each is told once whatever happens."""

import pytest
from sqlalchemy import event, select, update

from tests.factories import at, category, person, team, ticket
from tests.support.mailing import announcement, mailed, mailing_desk, rung
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import announce_all
from ticketing.jobs.outbox.desk import set_on_call_address
from ticketing.jobs.sla import check
from ticketing.models import Notification, Outbox, User
from ticketing.models.answers import Answers
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import Priority, Role, TicketType


@pytest.fixture
def desk(make_app):
    with mailing_desk(make_app):
        yield


def announce(made, level="breach", **facts) -> Outbox:
    db.session.flush()
    row = announcement(made, level, at=at(60), **facts)
    db.session.add(row)
    db.session.commit()
    assert announce_all(at(61)) == 1
    db.session.expire_all()
    return row


def people(*handles):
    return [f"{handle}@desk.example" for handle in handles]


def owned_by_ann(**facts):
    made = ticket(category=category("user_system"), **facts)
    made.take(by=person("ann"), at=at(1))
    return made


def told_of(made, level):
    announce(made, level)
    return sorted(rung())


def test_a_warning_reaches_the_owner_alone(desk):
    person("carl")
    assert told_of(owned_by_ann(), "warn") == ["ann"]
    assert mailed() == people("ann")


def test_a_warning_without_an_owner_reaches_the_team(desk):
    person("carl")
    assert told_of(ticket(), "warn") == ["ann", "carl"]


def test_a_warning_whose_owner_has_left_reaches_the_team(desk):
    person("carl")
    made = owned_by_ann()
    person("ann").disable()
    assert told_of(made, "warn") == ["carl"]


def test_a_breach_reaches_owner_team_watchers_and_managers_each_once(desk):
    person("carl")
    made = owned_by_ann()
    made.watch(person("ben"), by=person("ben"), at=at(2))
    made.watch(person("carl"), by=person("carl"), at=at(2))
    made.watch(person("mara"), by=person("mara"), at=at(2))
    assert told_of(made, "breach") == ["ann", "ben", "carl", "mara"]
    assert mailed() == people("ann", "ben", "carl", "mara")


@pytest.mark.parametrize("level", ["escalate", "repeat-1", "repeat-5"])
def test_what_follows_reaches_managers_and_the_channel(desk, level):
    set_on_call_address("duty@pager.example")
    person("otto", role=Role.SUPPORT_MANAGER, team=None)
    assert told_of(owned_by_ann(), level) == ["mara", "otto"]
    assert mailed() == ["duty@pager.example", *people("mara", "otto")]


@pytest.mark.parametrize("level", ["warn", "breach"])
def test_the_channel_hears_nothing_before(desk, level):
    set_on_call_address("duty@pager.example")
    announce(owned_by_ann(), level)
    assert "duty@pager.example" not in mailed()


def test_nobody_is_told_as_the_reporter(desk):
    assert told_of(ticket(by=person("bo")), "breach") == ["ann", "mara"]  # bo is of another team


def test_staff_who_reported_it_are_told_on_another_ground(desk):
    assert told_of(ticket(by=person("ann")), "breach") == ["ann", "mara"]  # of its team


def test_only_active_people_are_told_and_no_machine(desk):
    person("bot", machine=True, team=team("technical_support"))
    person("gone", active=False)
    assert told_of(ticket(), "breach") == ["ann", "mara"]


def test_a_restricted_ticket_is_told_of_to_those_who_may_see_it(desk):
    made = ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    made.watch(person("ida"), by=person("mara"), at=at(1))
    assert told_of(made, "breach") == ["bo", "ida", "mara"]


def test_a_team_that_was_left_hears_no_more(desk):
    made = ticket()
    person("ann").team = team("backend")
    assert told_of(made, "breach") == ["mara"]


def test_without_a_mail_server_only_the_bell_rings(app):
    with app.app_context():
        set_on_call_address("duty@pager.example")
        person("mara")
        row = announce(ticket(), "escalate")
        assert (sorted(rung()), mailed()) == (["mara"], [])
        assert (row.sent_at, row.next_try_at, row.attempts) == (at(61), None, 1)


def test_an_account_without_a_usable_address_is_told_at_the_bell(desk):
    person("ann").email = "ann at desk"
    person("mara").email = "mära@desk.example"
    assert told_of(ticket(), "breach") == ["ann", "mara"]
    assert mailed() == []


def test_each_is_told_on_what_ground(desk):
    made = owned_by_ann()
    made.watch(person("ben"), by=person("ben"), at=at(2))
    announce(made, "breach")
    grounds = {row.user_id: row.payload["ground"] for row in db.session.scalars(select(Notification))}
    assert grounds == {person("ann").id: "owner", person("ben").id: "watcher", person("mara").id: "manager"}


def test_the_keys_tell_announcement_and_recipient(desk):
    set_on_call_address("duty@pager.example")
    announce(ticket(), "escalate")
    keys = set(db.session.scalars(select(Outbox.dedupe_key).where(Outbox.channel == "email")))
    assert keys == {"sla:7:1:escalate:on-call", f"sla:7:1:escalate:{person('mara').id}"}
    assert rung() == {"mara": ["sla:7:1:escalate"]}


def test_what_was_told_already_is_not_told_again(desk):
    row = announce(ticket(), "breach")
    before = (rung(), mailed())
    row.next_try_at, row.sent_at = at(62), None  # as if an administrator had sent it round once more
    db.session.commit()
    assert announce_all(at(63)) == 1
    assert (rung(), mailed()) == before


def test_what_is_not_due_waits(desk):
    db.session.add(announcement(ticket(), at=at(60)))
    db.session.commit()
    assert announce_all(at(59)) == 0
    assert rung() == {}


def test_an_idle_run_asks_one_question(desk):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert announce_all(at(60)) == 0
    assert len([one for one in asked if one.startswith("SELECT")]) == len(asked) - asked.count("BEGIN") == 1


@pytest.mark.parametrize(
    "poison", [{"level": "panic"}, {"ticket": 999}, {"ticket": None}, {"level": None}], ids=lambda it: str(it)
)
def test_a_poisonous_one_is_put_aside_and_stops_nothing(desk, poison):
    made = ticket()
    bad = announcement(made, number=1, at=at(60), **poison)
    db.session.add_all([bad, *(announcement(made, number=n, at=at(60)) for n in range(2, 6))])
    db.session.commit()
    assert announce_all(at(61)) == 4
    db.session.refresh(bad)
    assert (bad.dead_at, bad.next_try_at, bad.sent_at, bad.attempts) == (at(61), None, None, 1)
    assert bad.error
    assert len(rung()["mara"]) == 4
    assert announce_all(at(62)) == 0


def test_the_check_s_announcement_says_how_late_it_was(desk):
    """E13: the check was down; warn, breach and escalate were found together, and one message says so."""
    ticket(priority=Priority.CRITICAL)
    db.session.commit()
    check.settle_all(at(30))
    announce_all(at(30))
    [told] = db.session.scalars(select(Notification))
    assert told.user_id == person("mara").id
    assert (told.payload["level"], told.payload["detected_at"]) == ("escalate", told.payload["breach_detected_at"])
    assert told.payload["due_at"] == "2026-05-04T09:15:00Z"


def test_an_act_that_answers_a_warning_is_told_to_nobody(desk):
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    made.take(by=person("ann"), at=at(13))
    db.session.commit()
    assert announce_all(at(13)) == 0


def test_a_late_act_is_told_as_a_breach(desk):
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    made.assign(person("ann"), by=person("mara"), at=at(20), answers=Answers(owner=person("ann")))
    db.session.commit()
    assert announce_all(at(20)) == 1
    assert sorted(rung()) == ["ann", "mara"]


@pytest.mark.parametrize("text", ["duty", "duty@", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"])
def test_the_channel_s_address_is_checked(desk, text):
    with pytest.raises(Invalid) as refused:
        set_on_call_address(text)
    assert refused.value.errors == {"address": "not_an_email"}


def test_somebody_whose_role_changed_gets_what_the_role_gets(desk):
    db.session.execute(update(User).where(User.handle == "ben").values(role=Role.SUPPORT_MANAGER))
    assert told_of(owned_by_ann(), "escalate") == ["ben", "mara"]
