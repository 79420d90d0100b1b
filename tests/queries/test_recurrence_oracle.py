"""Each number of the radar against a slow and obvious recomputation from the tickets and their history."""

from collections import Counter
from datetime import timedelta
from random import Random
from statistics import median

import pytest
from sqlalchemy import select

from tests.factories import at, category, person, ticket
from ticketing.extensions import db
from ticketing.models import Event, Ticket
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.queries.recurrence import Place, load_radar, load_trouble
from ticketing.rules.taxonomy import MENDED, ResolutionCode, RootCause, Status

NOW = at(0)
DAY = timedelta(hours=24)
S = Status
TITLES = ("Lobby blank", "Wallet drifts", "Payout stuck", "Chat silent")
CODES = (ResolutionCode.FIXED, ResolutionCode.WORKAROUND, ResolutionCode.NOT_REPRODUCIBLE)
pytestmark = pytest.mark.usefixtures("cast")


def live(rng):
    """One ticket that gets so far by now as chance will have it."""
    moment = NOW - timedelta(seconds=rng.randrange(1, int((DAY * (3 if rng.random() < 0.3 else 50)).total_seconds())))
    made = ticket(rng.choice(TITLES), moment=moment)
    ann, mara = person("ann"), person("mara")
    home = category(rng.choice(("user_system", "user_system", "infrastructure")))
    steps = [
        (S.CLASSIFIED, mara, Answers(category=home)), (S.ASSIGNED, ann, Answers(owner=ann)), (S.DIAGNOSTICS, ann, None),
        (S.SOLUTION_CHECK, ann, Answers(solution="Restarted")),
        (S.CLOSED, mara, Answers(resolution_code=rng.choice(CODES), root_cause=RootCause.SOFTWARE)),
        (S.DIAGNOSTICS, person("rita"), Answers(why="Again")), (S.SOLUTION_CHECK, ann, Answers(solution="Once more")),
        (S.CLOSED, mara, Answers(resolution_code=rng.choice(CODES), root_cause=RootCause.SOFTWARE)),
        (S.DIAGNOSTICS, person("rita"), Answers(why="And again")), (S.SOLUTION_CHECK, ann, Answers(solution="Thrice")),
        (S.CLOSED, mara, Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)),
    ]  # fmt: skip
    for target, by, answers in steps[: rng.choice((0, 1, 3, 5, 5, 5, 6, 8, 9, 11, 11))]:
        moment += timedelta(seconds=rng.randrange(60, 40 * 3600))
        if moment > NOW:
            return
        made.move_to(target, by=by, at=moment, answers=answers)


def expected():
    """{(title, category): numbers} by looking at every ticket and every event."""
    tickets = db.session.scalars(select(Ticket).where(Ticket.created_at > NOW - DAY * 400)).all()
    events = db.session.scalars(select(Event).order_by(Event.at, Event.id)).all()
    homes = {}
    for title in TITLES:
        seen = Counter(t.category_id for t in tickets
                       if t.title == title and t.category_id and t.created_at > NOW - DAY * 29)  # fmt: skip
        last = sorted((t.closed_at, t.category_id) for t in tickets if t.title == title and t.resolution_code in MENDED)
        homes[title] = min(seen, key=lambda c: (-seen[c], c)) if seen else last[-1][1] if last else None

    def place(one):
        return one.title, one.category_id or homes[one.title]

    found = {}
    for one in tickets:
        numbers = found.setdefault(place(one), {"day": 0, "base": 0, "tickets": 0, "open": 0, "open_s": 0, "gaps": []})
        age = NOW - one.created_at
        numbers["day"] += age < DAY
        numbers["base"] += DAY <= age < DAY * 29
        numbers["tickets"] += age < DAY * 28
        numbers["open"] += one.status is not S.CLOSED
        mended = [other.closed_at for other in tickets
                  if other is not one and place(other) == place(one) and other.resolution_code in MENDED]  # fmt: skip
        before = [moment for moment in mended if moment <= one.created_at]
        if age < DAY * 28 and before:
            numbers["gaps"].append((one.created_at - max(before)).total_seconds())
        stretches, back = [[one.created_at, NOW]], []
        for event in (event for event in events if event.ticket_id == one.id):
            if event.kind is EventKind.CLOSED:
                stretches[-1][1] = event.at
            elif event.kind is EventKind.REOPENED:
                if event.payload["resolution_code"] in MENDED and NOW - event.at < DAY * 28:
                    numbers["gaps"].append((event.at - stretches[-1][1]).total_seconds())
                    back.append(event.at)
                stretches.append([event.at, NOW])
        # What was filed before the 28 days concerns them from when it first came back.
        counts_from = one.created_at if age < DAY * 28 else min(back, default=NOW)
        counted = [until - since for since, until in stretches if since >= counts_from]
        numbers["open_s"] += sum(counted, timedelta()).total_seconds()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_radar_says_what_counting_by_hand_says(seed):
    rng = Random(seed)
    for _ in range(45):
        live(rng)
    db.session.commit()
    keys = dict(db.session.execute(select(Ticket.title, Ticket.signature)).all())
    found = expected()
    for (title, home), numbers in found.items():
        one = load_trouble(Place(keys[title], home), person("mara"), NOW)
        if one is None:
            assert not any(numbers.values())
            continue
        said = {"day": one.day, "base": one.baseline, "tickets": one.tickets, "open": one.open, "open_s": one.open_s}
        assert said == {name: numbers[name] for name in said}, title
        assert sorted(one.gaps) == sorted(numbers["gaps"]), title
        assert one.gap_s == (int(median(numbers["gaps"])) if numbers["gaps"] else None)
    radar = load_radar(person("mara"), NOW)
    by_place = {(one.title, one.place.category_id): one for one in radar.flaring}
    assert set(by_place) == {place for place, n in found.items() if n["day"] >= 3 and n["day"] * 28 >= 3 * n["base"]}
    assert {(one.title, one.place.category_id): one.returns for one in radar.returning} == {
        place: len(numbers["gaps"]) for place, numbers in found.items() if numbers["gaps"]
    }
