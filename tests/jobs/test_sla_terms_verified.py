"""What following a calendar leaves behind is what a replay of the history finds (`flask sla verify`)."""

import random

import pytest

from tests.factories import person
from tests.support.saved_terms import CLOSED, filed, put, with_exceptions
from tests.support.terms import berlin
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.jobs.sla.verify import verify
from ticketing.models.answers import Answers, Hold
from ticketing.rules.taxonomy import HoldReason, Priority, Status

DAYS = [f"2026-05-{day:02}" for day in range(4, 16)]


@pytest.mark.parametrize("seed", range(6))
def test_random_exceptions_under_clocks_that_run_pause_and_breach_are_replayed(app, seed):
    dice = random.Random(seed)
    with app.app_context():
        made = [filed(f"2026-05-04 {9 + n % 8:02}:00", dice.choice(list(Priority))) for n in range(6)]
        ann = person("ann")
        for one in made[:3]:
            one.take(by=ann, at=berlin("2026-05-04 17:05"))
        made[0].hold(Hold(HoldReason.VENDOR), by=ann, at=berlin("2026-05-04 17:10"))
        made[1].move_to(Status.DIAGNOSTICS, by=ann, at=berlin("2026-05-04 17:10"))
        made[1].move_to(Status.SOLUTION_CHECK, by=ann, at=berlin("2026-05-04 17:20"), answers=Answers(solution="Done"))
        db.session.commit()
        for day in (5, 6, 7, 8):
            chosen = sorted(dice.sample(DAYS, 4))
            hours = {"open": [["10:00", "12:00"]], "name": "Short"}
            changed = with_exceptions({one: dice.choice([CLOSED, hours]) for one in chosen})
            if dice.random() < 0.5:
                changed["calendars"]["office"]["weekly"] = {"mon": [["08:00", "20:00"]], "wed": [["08:00", "20:00"]]}
            put(changed, at=berlin(f"2026-05-{day:02} {dice.randrange(8, 19):02}:00"))
            check.settle_all(berlin(f"2026-05-{day:02} 19:00"))
        made[0].resume(by=ann, at=berlin("2026-05-09 10:00"))
        db.session.commit()
        check.settle_all(berlin("2026-05-14 10:00"))
        db.session.remove()
        assert list(verify()) == []
