"""What a card, and the page, knows of its ticket's clocks at an instant, whether or not a check has run."""

from types import SimpleNamespace

import pytest

from tests.factories import at, category, person, ticket, ticket_in
from tests.support import terms
from tests.support.sql import statements
from tests.support.terms import berlin
from ticketing.extensions import db
from ticketing.models import CalendarVersion
from ticketing.models.answers import Answers, Hold
from ticketing.queries import board
from ticketing.queries.clock_faces import Face, Faces, open_spans
from ticketing.queries.counts import open_counts
from ticketing.queries.explain import check_is_stale, explain
from ticketing.queries.filters import Filters
from ticketing.rules.sla import ClockState, Level
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status

S = Status
# factories.NOW is Monday 11:00 in Berlin; `office` is open 09–13 and 14–18.
pytestmark = pytest.mark.usefixtures("cast")


def faces(moment):
    """{number: face} of the board's cards."""
    db.session.commit()
    mara = person("mara")
    columns = board.load_board(mara, Filters(), moment, open_counts(mara, moment))
    rows = [card for column in columns.values() for card in column.cards]
    found = Faces(rows, moment)
    return {row.id: found.of(row) for row in rows}


@pytest.mark.parametrize(
    ("minutes", "state", "left_min"),
    [
        (0, "ok", 240), (120, "ok", 120), (179, "ok", 120), (180, "ok", 120),  # 13:00 to 14:00 is lunch
        (240, "risk", 60), (300, "risk", 0), (301, "breached", -1), (480, "breached", -120),
        (24 * 60, "breached", -240),  # Tuesday 11:00: two hours of each day
    ],
)  # fmt: skip
def test_the_nearest_clock_counts_working_time(minutes, state, left_min):
    made = ticket()  # reaction in 4 h of office, due 16:00
    face = faces(at(minutes))[made.id]
    assert (face.state, face.kind, face.left_s, face.due_at) == (state, "reaction", left_min * 60, at(300))


def test_seconds_until_it_is_at_risk_are_told_while_it_is_not():
    made = ticket(priority=Priority.CRITICAL)
    assert faces(at(1))[made.id].warn_in_s == (11 * 60 + 15) - 60
    assert faces(at(12))[made.id].warn_in_s == 0


def test_what_stands_still_says_what_is_left():
    held, checked = ticket_in(S.DIAGNOSTICS), ticket_in(S.SOLUTION_CHECK)
    held.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(30))
    found = faces(at(59))
    assert found[held.id] == Face("paused", "resolution", 15 * 3600 + 1800, 16 * 3600)
    assert (found[checked.id].state, found[checked.id].left_s) == ("paused", 16 * 3600 - 300)


def test_a_hold_that_is_over_no_longer_says_paused_though_nothing_has_noticed():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(30))
    assert faces(at(60))[made.id].state == "over"
    made.settle(at(61))
    assert faces(at(61))[made.id].state == "ok"


def test_closed_tickets_say_how_it_ended_and_those_without_clocks_nothing():
    done, none = ticket_in(S.CLOSED), ticket()
    none.cycle, none.due_at, none.warn_at, none.clock_face = 0, None, None, None
    none.relane()
    twin = ticket()
    twin.close_as(ResolutionCode.INVALID, by=person("ann"), at=at(9))
    found = faces(at(10))
    assert (found[done.id], found[none.id], found[twin.id]) == (Face("met"), None, None)


def test_the_calendars_of_a_page_take_one_statement(app):
    for number in range(5):
        ticket(priority=list(Priority)[number % 4])
    terms.set_target("low", 60, 600, calendar="always")
    ticket(priority=Priority.LOW)
    db.session.commit()
    mara = person("mara")
    columns = board.load_board(mara, Filters(), at(1), open_counts(mara, at(1)))
    rows = [card for column in columns.values() for card in column.cards]
    with statements(app) as seen:
        Faces(rows, at(1))
    assert len(seen) == 1
    with statements(app) as seen:
        assert Faces([], at(1)).open_spans() == {}
    assert seen == []


def test_open_spans_are_those_of_the_next_days_and_none_for_a_calendar_that_never_closes():
    always, office = (db.session.get(CalendarVersion, number).hours for number in (1, 2))
    assert open_spans(always, at(0)) == ()
    spans = open_spans(office, at(0))
    monday = [berlin(f"2026-05-04 {time}").timestamp() for time in ("09:00", "13:00", "14:00", "18:00")]
    assert [end for span in spans[:2] for end in span] == monday
    assert len(spans) == 2 * 7  # nine days with one weekend


# Explain


def told(made, minutes, number=-1):
    db.session.commit()
    return explain(made, at(minutes))[number]


def lines(story):
    def minute(moment):
        return moment and (moment - at(0)).total_seconds() / 60

    return [(minute(line.start), minute(line.end), line.calendar_name, line.counted_s // 60, line.what)
            for line in story.lines]  # fmt: skip


def test_a_ticket_without_clocks_has_no_story():
    assert explain(SimpleNamespace(id=99, hold_until=None), at(0)) == []


def test_every_stretch_is_told_without_a_gap():
    ann = person("ann")
    made = ticket_in(S.CORRECTION)  # since minute 4, reaction at minute 2
    made.hold(Hold(HoldReason.VENDOR), by=ann, at=at(30))
    made.move_to(S.SOLUTION_CHECK, by=ann, at=at(50), answers=Answers(solution="Done"))
    made.move_to(S.CORRECTION, by=person("mara"), at=at(70), answers=Answers(why="No"))
    made.edit(by=person("mara"), at=at(90), priority=Priority.LOW)
    story = told(made, 100)
    assert lines(story) == [
        (0, 30, "Office hours", 30, "hold"),
        (30, 50, None, 0, "hold"),
        (50, 70, None, 0, "solution_check"),
        (70, 90, "Office hours", 20, "priority_change"),
        (90, None, "Office hours", 10, "running"),
    ]
    assert (story.elapsed_s, story.left_s, story.target_s) == (3600, 39 * 3600, 40 * 3600)
    assert (story.policy, story.calendar_zone) == ("Everything else", "Europe/Berlin")
    reaction = told(made, 100, 0)
    assert (reaction.state, reaction.stopped_at, reaction.elapsed_s) == (ClockState.MET, at(2), 120)
    assert lines(reaction) == [(0, 2, "Office hours", 2, "reacted")]


def test_a_pause_that_goes_on_is_told_to_now():
    made = ticket_in(S.SOLUTION_CHECK)
    story = told(made, 300)
    assert lines(story)[-1] == (5, None, None, 0, "solution_check")
    assert not check_is_stale(made, at(24 * 60)) and check_is_stale(made, at(24 * 60 + 6))


def test_what_no_check_has_noticed_is_told_as_not_noticed():
    made = ticket(priority=Priority.CRITICAL)
    reaction = told(made, 20, 0)
    assert [(level, noticed) for level, _due, noticed in reaction.levels] == [(Level.WARN, None), (Level.BREACH, None)]
    assert (reaction.state, reaction.breached_at, reaction.overrun_s) == (ClockState.BREACHED, at(15), 300)
    assert reaction.detected_at is None and reaction.ahead == (Level.ESCALATE, at(22.5))
    made.settle(at(21), checking=True)
    reaction = told(made, 21, 0)
    assert reaction.detected_at == at(21) and [noticed for *_rest, noticed in reaction.levels] == [at(21)] * 2


def test_a_hold_that_is_over_is_told_as_over():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(30))
    story = told(made, 90)
    assert lines(story)[-2:] == [(30, 60, None, 0, "hold"), (60, None, "Office hours", 30, "running")]
    assert (story.state, story.elapsed_s) == (ClockState.RUNNING, 3600)


def test_cycles_come_in_order_and_frozen():
    made = ticket_in(S.SOLUTION_CHECK)
    codes = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    made.move_to(S.CLOSED, by=person("mara"), at=at(10), answers=codes)
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=at(70), answers=Answers(why="Again"))
    db.session.commit()
    stories = explain(made, at(80))
    assert [(one.cycle, str(one.kind), str(one.state)) for one in stories] == [
        (1, "reaction", "met"), (1, "resolution", "met"), (2, "reaction", "running"), (2, "resolution", "running"),
    ]  # fmt: skip


def test_own_reactions_and_superseded_breaches_are_marked():
    mine = ticket(by=person("ann"))
    mine.move_to(S.ASSIGNED, by=person("ann"), at=at(9), answers=Answers(category=category("user_system")))
    assert told(mine, 10, 0).opened_by_self and lines(told(mine, 10, 0)) == [(0, 9, "Office hours", 0, "self")]
    late = ticket(priority=Priority.CRITICAL)
    late.edit(by=person("mara"), at=at(30), priority=Priority.NORMAL, why="Not so bad")
    story = told(late, 31, 0)
    assert (story.superseded, story.breached_at, story.left_s) == (1, None, 209 * 60)


def test_a_story_takes_two_statements_with_the_history_at_hand(app):
    made = ticket_in(S.CORRECTION)
    db.session.commit()
    _number = made.id, made.hold_until, made.cycle
    with statements(app) as seen:
        explain(made, at(50), [])
    assert len(seen) == 2
