"""The clocks on the ticket's page: both of them, why they are due when they are due, and who does not see them."""

import re

import pytest
import time_machine

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status

S = Status
pytestmark = pytest.mark.usefixtures("that_morning")


@pytest.fixture
def made(app, people):
    """`made(lambda: a ticket)`: saved, its key."""

    def save(build):
        with app.app_context():
            ticket = build()
            db.session.commit()
            return ticket.key

    return save


def words(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def panel(client, key):
    page = client.get(f"/tickets/{key}").text
    return re.search(r'<section class="panel clocks".*?</section>', page, re.DOTALL)[0]


def clocks(markup):
    """{name: (state, markup)} of the present cycle."""
    present = markup.split('<details class="clocks__earlier">')[0]
    found = re.findall(r'<div class="clock" data-sla="(\w+)".*?<h3 class="clock__name">(\w+)</h3>(.*?)</div>', present,
                       re.DOTALL)  # fmt: skip
    return {name: (state, words(body)) for state, name, body in found}


def test_both_clocks_show_with_what_is_left_and_when(client_for, people, made):
    key = made(lambda: make.ticket(priority=Priority.HIGH, moment=make.at(-20)))
    shown = clocks(panel(client_for(people.ann), key))
    state, text = shown["Reaction"]
    assert state == "risk" and "at risk, 10 min left" in text and "Due 09:40 Target 1 h" in text
    state, text = shown["Resolution"]
    assert state == "ok" and "7 h 10 min left" in text and "Due 16:40 Target 8 h" in text


def test_what_is_told_next_is_said_once(client_for, people, made):
    key = made(lambda: make.ticket(priority=Priority.HIGH, moment=make.at(-20)))
    text = words(panel(client_for(people.ann), key))
    assert text.count("are told") == 1 and "At 09:40 owner, team, watchers and managers are told" in text


def test_a_stopped_clock_says_how_it_ended(client_for, people, made):
    def build():
        ticket = make.ticket_in(S.SOLUTION_CHECK, priority=Priority.CRITICAL, moment=make.at(-500))
        ticket.move_to(S.DIAGNOSTICS, by=make.person("ann"), at=make.at(-490), answers=Answers(why="No"))
        ticket.close_as(ResolutionCode.AUTO_RESOLVED, by=make.person("mara"), at=make.at(-100))
        return ticket

    shown = clocks(panel(client_for(people.ann), made(build)))
    assert shown["Reaction"][0] == "met" and "Met in 2 min" in shown["Reaction"][1]
    assert shown["Resolution"][0] == "missed" and "Missed by 2 h 35 min" in shown["Resolution"][1]


def test_causes_and_superseded_breaches_are_named(client_for, people, made):
    def raised():
        ticket = make.ticket(moment=make.at(-20))
        ticket.edit(by=make.person("mara"), at=make.at(20), priority=Priority.CRITICAL)
        return ticket

    def lowered():
        ticket = make.ticket(priority=Priority.CRITICAL, moment=make.at(-20))
        ticket.edit(by=make.person("mara"), at=make.at(20), priority=Priority.NORMAL, why="It is not")
        return ticket

    client = client_for(people.ann)
    assert "The change of priority left it no time" in clocks(panel(client, made(raised)))["Reaction"][1]
    key = made(lowered)
    assert "An earlier breach was superseded" in clocks(panel(client, key))["Reaction"][1]
    history = words(client.get(f"/tickets/{key}?activity=history").text)
    assert "Mara Lindqvist gave the breached reaction more time It is not" in history
    assert "Reaction is at risk" in history and "Reaction breached" in history
    assert "Reaction is at risk" not in words(client.get(f"/tickets/{key}").text)


def test_a_breach_that_nothing_noticed_says_so(client_for, people, made):
    key = made(lambda: make.ticket(priority=Priority.CRITICAL))
    assert "Not noticed for 15 min" in clocks(panel(client_for(people.ann), key))["Reaction"][1]


def test_explain_tells_every_stretch(client_for, people, made):
    def build():
        ticket = make.ticket_in(S.CORRECTION)
        ticket.hold(Hold(HoldReason.VENDOR), by=make.person("ann"), at=make.at(10))
        ticket.resume(by=make.person("ann"), at=make.at(20))
        return ticket

    markup = panel(client_for(people.ann), made(build))
    text = words(re.search(r'<details class="explain" id="explain-resolution-1">.*?</details>', markup, re.DOTALL)[0])
    assert (
        "16 h by policy “Everything else”, terms 1, calendar Office hours (Europe/Berlin); at risk from 75 %." in text
    )
    assert "09:00 – 09:10 10 min Office hours: put on hold" in text
    assert "09:10 – 09:20 stood still On hold" in text
    assert "09:20 – now 10 min Office hours: still running" in text
    assert "Counted 20 min of 16 h The rest is used up Wed 6 May, 09:10" in text


def test_time_in_solution_check_has_its_own_line_and_a_mark_when_it_is_long(client_for, people, made):
    key = made(lambda: make.ticket_in(S.SOLUTION_CHECK))
    markup = panel(client_for(people.ann), key)
    assert "In solution check for 25 min" in words(markup) and "Stale" not in markup
    assert clocks(markup)["Resolution"][0] == "paused" and "Paused, 15 h left" in clocks(markup)["Resolution"][1]
    with time_machine.travel(make.at(24 * 60 + 10), tick=True):
        assert "In solution check for 24 h 5 min Stale" in words(panel(client_for(people.ann), key))


def test_earlier_cycles_are_folded_away(client_for, people, made):
    def build():
        ticket = make.ticket_in(S.SOLUTION_CHECK)
        codes = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
        ticket.move_to(S.CLOSED, by=make.person("mara"), at=make.at(10), answers=codes)
        ticket.move_to(S.DIAGNOSTICS, by=make.person("rita"), at=make.at(20), answers=Answers(why="Again"))
        return ticket

    markup = panel(client_for(people.ann), made(build))
    assert set(clocks(markup)) == {"Reaction", "Resolution"} and "One earlier cycle" in markup
    earlier = words(markup.split('<details class="clocks__earlier">')[1])
    assert earlier.count("Met in") == 2


def test_an_own_ticket_counts_nothing(client_for, people, made):
    def build():
        ticket = make.ticket(by=make.person("ann"))
        answers = Answers(category=make.category("user_system"))
        ticket.move_to(S.ASSIGNED, by=make.person("ann"), at=make.at(5), answers=answers)
        return ticket

    state, text = clocks(panel(client_for(people.ann), made(build)))["Reaction"]
    assert state == "met" and "Own ticket" in text and "left out of compliance" in text


def test_a_reporter_sees_no_clock(client_for, people, made):
    key = made(lambda: make.ticket(priority=Priority.CRITICAL))
    page = client_for(people.rita).get(f"/tickets/{key}").text
    assert "data-sla" not in page and "clock" not in page.replace("icons/sprite.svg#clock", "")
    assert "Reaction by" not in client_for(people.rita).get("/tickets/new").text


def test_a_ticket_without_clocks_has_no_panel(app, client_for, people, made):
    def build():
        ticket = make.ticket()
        ticket.cycle, ticket.due_at, ticket.warn_at, ticket.clock_face = 0, None, None, None
        return ticket

    page = client_for(people.ann).get(f"/tickets/{made(build)}").text
    assert "ticket-clocks" not in page and "data-sla" not in page


def test_the_parts_of_a_change_bring_the_clocks_anew(client_for, people, made):
    key = made(lambda: make.ticket_in(S.DIAGNOSTICS))
    answer = client_for(people.ann).post(
        f"/tickets/{key}/hold", data={"reason": "vendor", "version": 4}, headers={"HX-Request": "true"}
    )
    assert "Paused, 15 h left" in words(answer.text)


def test_filing_shows_by_when_what_is_promised(client_for, people):
    client = client_for(people.ann)
    assert "Reaction by 14:30 Resolution by Wed 6 May, 09:30" in words(client.get("/tickets/new").text)
    chosen = {"type": "incident", "priority": "critical", "priority_was": "normal"}
    parts = client.get("/tickets/new", query_string=chosen, headers={"HX-Request": "true"}).text
    assert "Reaction by 09:45 Resolution by 13:30" in words(parts)
    alert = client.get("/tickets/new?type=security_alert", headers={"HX-Request": "true"}).text
    assert "Reaction by 11:30 Resolution by Tue 5 May, 09:30" in words(alert)


def test_the_clocks_take_two_statements(app, client_for, people, made):
    key = made(lambda: make.ticket_in(S.CORRECTION))
    client = client_for(people.ann)
    client.get(f"/tickets/{key}")
    with statements(app) as seen:
        client.get(f"/tickets/{key}")
    assert len([sql for sql in seen if "sla_" in sql and "job_run" not in sql]) == 2
    with app.app_context():
        assert db.session.get(Ticket, int(key[2:])).clock_face["kind"] == "resolution"
