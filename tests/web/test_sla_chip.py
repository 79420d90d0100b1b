"""The chip's words for every state, and that a board keeps its drawn cards while the minutes pass."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from tests import factories as make
from ticketing.extensions import db
from ticketing.models.answers import Answers, Hold
from ticketing.queries.clock_faces import BREACHED, MET, MISSED, OK, OVER, PAUSED, RISK, Face
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, Status
from ticketing.web import board_cards, sla_chip
from ticketing.web.sla_chip import chip, countdown_words, due_words, part, work_time

DUE = datetime(2026, 5, 4, 14, 40, tzinfo=UTC)
HX = {"HX-Request": "true"}


def a_day(month, day, hour, minute):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def text(markup):
    return " ".join(re.sub(r"<[^>]+>", "", str(markup)).split())


@pytest.mark.parametrize(
    ("face", "due", "words"),
    [
        (Face(OK, "reaction", 2400, 3600, DUE, 900, 2), "14:40", "React 40 min left · 14:40"),
        (Face(RISK, "resolution", 2459, 14400, DUE, 0, 2), "14:40", "Resolve at risk, 40 min left · 14:40"),
        (Face(RISK, "reaction", 59, 3600, DUE, 0, 2), "14:40", "React at risk, <1 min left · 14:40"),
        (Face(BREACHED, "resolution", -1500, 14400, DUE, 0, 2), "14:40", "Resolve 25 min over · 14:40"),
        (Face(BREACHED, "resolution", 0, 14400, DUE, 0, 2), "Mon 14:40", "Resolve <1 min over · Mon 14:40"),
        (Face(PAUSED, "resolution", 3 * 3600, 8 * 3600), None, "paused, 3 h left"),
        (Face(PAUSED, "resolution", -1500, 8 * 3600), None, "paused, 25 min over"),
        (Face(OVER, "resolution", 3 * 3600, 8 * 3600), None, "hold over, 3 h left"),
        (Face(MET), None, "met"),
        (Face(MISSED), None, "missed"),
    ],
)
def test_each_state_has_its_words(face, due, words):
    markup = chip(face, due)
    assert text(markup).replace("&lt;", "<") == words
    assert f'data-sla="{face.state if face.state != OVER else OK}"' in markup


@pytest.mark.parametrize(
    ("seconds", "short", "exact"),
    [
        (0, "<1 min", "<1 min"), (60, "1 min", "1 min"), (3599, "59 min", "59 min"), (3600, "1 h", "1 h"),
        (4 * 3600 + 20 * 60, "4 h 20 min", "4 h 20 min"), (10 * 3600 + 60, "10 h", "10 h 1 min"),
        (117 * 3600, "117 h", "117 h"),
    ],
)  # fmt: skip
def test_lengths_are_in_minutes_and_hours_and_never_in_days(seconds, short, exact):
    assert (work_time(seconds), work_time(seconds, exact=True)) == (short, exact)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (a_day(5, 4, 9, 5), "09:05"), (a_day(5, 5, 9, 5), "Tue 09:05"),
        (a_day(4, 28, 23, 59), "Tue 23:59"), (a_day(5, 10, 0, 0), "Sun 00:00"),
        (a_day(5, 11, 0, 0), "11 May"), (a_day(4, 27, 9, 0), "27 Apr"),
    ],
)  # fmt: skip
def test_the_absolute_time_is_as_short_as_it_can_be(at, words):
    assert due_words(at, date(2026, 5, 4)) == words


@pytest.mark.parametrize(("left", "eighths"), [(0, 0), (1, 1), (450, 1), (451, 2), (3600, 8), (9000, 8), (-5, 0)])
def test_the_ring_shows_eighths(left, eighths):
    assert part(left, 3600) == eighths


@pytest.fixture
def nothing_remembered():
    """Words are made once for a process: none of another test's, and none for those after."""

    def forget():
        for one in vars(sla_chip).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()

    forget()
    yield
    forget()


@pytest.mark.usefixtures("nothing_remembered")
def test_what_is_translated_is_escaped(monkeypatch):
    monkeypatch.setattr("ticketing.web.sla_chip.gettext", lambda text, **values: f"<b>{text % values}</b>")
    assert "<b>%" not in chip(Face(PAUSED, "resolution", 60, 600), None)
    assert "&lt;b&gt;" in chip(Face(OK, "resolution", 66, 600, DUE, 0, 1), "<14:40>")
    assert "&lt;14:40&gt;" in chip(Face(OK, "resolution", 66, 600, DUE, 0, 1), "<14:40>")


def test_the_browser_gets_every_word_it_puts_together():
    assert '"left": "{time} left"' in countdown_words() and '"hmin": "{h} h {n} min"' in countdown_words()


@pytest.fixture
def states(app, people):
    """One ticket of each state at minute 30 of the morning; {state: key}."""
    with app.app_context():
        ann, mara = make.person("ann"), make.person("mara")
        made = {
            "ok": make.ticket("On time"),
            "risk": make.ticket("Soon", priority=Priority.HIGH, moment=make.at(-20)),
            "breached": make.ticket("Late", priority=Priority.CRITICAL, moment=make.at(-10)),
            "paused": make.ticket_in(Status.DIAGNOSTICS, title="Held"),
            "over": make.ticket_in(Status.CORRECTION, title="Held once"),
            "met": make.ticket_in(Status.CLOSED, title="Done"),
            "missed": make.ticket_in(Status.SOLUTION_CHECK, title="Late", priority=Priority.CRITICAL,
                                     moment=make.at(-500)),
        }  # fmt: skip
        made["missed"].move_to(Status.DIAGNOSTICS, by=mara, at=make.at(-490), answers=Answers(why="Not yet"))
        made["missed"].close_as(ResolutionCode.AUTO_RESOLVED, by=mara, at=make.at(-5))
        made["paused"].hold(Hold(HoldReason.VENDOR), by=ann, at=make.at(10))
        made["over"].hold(Hold(HoldReason.PROVIDER, until=make.at(20)), by=ann, at=make.at(10))
        db.session.commit()
        return {state: ticket.key for state, ticket in made.items()}


WORDS = {
    "ok": "React 3 h 30 min left · 14:00", "risk": "React at risk, 10 min left · 09:40",
    "breached": "React 25 min over · 09:05", "paused": "paused, 15 h left", "over": "hold over, 15 h left",
    "met": "met", "missed": "missed",
}  # fmt: skip


@pytest.mark.usefixtures("that_morning")
@pytest.mark.parametrize("state", WORDS)
@pytest.mark.parametrize("path", ["/board", "/queue?status=new&status=diagnostics&status=correction&status=closed"])
def test_board_and_queue_say_the_same(client_for, people, states, state, path):
    client = client_for(people.ann)
    client.post("/board/columns/closed/collapse", data={"folded": "0"})
    page = client.get(path).text
    number = states[state][2:]
    shown = re.search(rf'id="(?:card|row)-{number}".*?</(?:li|tr)>', page, re.DOTALL)[0]
    assert WORDS[state] in text(shown)


@pytest.mark.usefixtures("that_morning")
def test_the_ticket_says_the_same_and_knows_that_a_hold_is_over(client_for, people, states):
    client = client_for(people.ann)
    for state in set(WORDS) - {"over"}:
        page = client.get(f"/tickets/{states[state]}").text
        head = re.search(r'<header class="ticket__head".*?</header>', page, re.DOTALL)
        assert WORDS[state] in text(head[0]), state
    page = client.get(f"/tickets/{states['over']}").text
    assert "Resolve 15 h left" in text(page)  # it runs again, from the end of the hold on


def test_a_minute_later_the_same_drawn_cards_carry_other_chips(app, client_for, people, states):
    with time_machine.travel(make.at(95), tick=False) as clock:
        client = client_for(people.ann)
        assert "1 h 30 min over" in client.get("/board").text
        drawn = app.extensions["kept"][board_cards._draw].cache_info().misses
        clock.shift(60)
        assert "1 h 31 min over" in client.get("/board").text
        assert app.extensions["kept"][board_cards._draw].cache_info().misses == drawn


@pytest.mark.usefixtures("that_morning")
def test_the_filters_find_what_the_chips_say(client_for, people, states):
    client = client_for(people.ann)
    found = {due: set(re.findall(r'data-ticket="(T-\d+)"', client.get(f"/queue?due={due}").text))
             for due in ("breached", "at_risk")}  # fmt: skip
    assert found == {"breached": {states["breached"]}, "at_risk": {states["risk"]}}


@pytest.mark.usefixtures("that_morning")
def test_every_answer_with_chips_brings_what_their_countdown_needs(app, client_for, people, states):
    client = client_for(people.ann)
    with app.app_context():
        version = db.session.get(make.Ticket, int(states["paused"][2:])).version
    moved = client.post("/board/moves", headers=HX, data={
        "ticket": states["paused"], "to": "correction", "version": version,
    })  # fmt: skip
    answers = {
        "board": client.get("/board"), "column": client.get("/board/columns/new", headers=HX), "move": moved,
        "queue": client.get("/queue"), "more": client.get("/queue?more=1", headers=HX),
        "ticket": client.get(f"/tickets/{states['ok']}"),
    }  # fmt: skip
    for name, answer in answers.items():
        assert answer.status_code == 200, name
        [facts] = re.findall(r'<i id="countdown"[^>]*>', answer.text)
        asked = {calendar for _left, _warn, calendar in re.findall(r'data-clock="(\S+) (\S+) (\d+)"', answer.text)}
        assert asked and all(f"&#34;{calendar}&#34;:[" in facts for calendar in asked), name
