"""A desk of many random lives, to be counted: more types, teams and owners than one life has."""

from datetime import datetime, timedelta
from random import Random

from tests.factories import person, team
from tests.support import lives
from tests.support.terms import berlin
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.refusals import Refusal
from ticketing.rules.taxonomy import Priority, TicketType

EARLIEST = berlin("2026-01-01 00:00")
# Minutes from one act to the next, and where lives begin: as in tests/support/lives.py, for dice of another kind.
PAUSES = (0, 1, 7, 14, 15, 16, 23, 60, 61, 121, 239, 240, 481, 961, 1440, 2900, 5000, -3)
BEGINNINGS = ("2026-03-27 15:40", "2026-03-28 23:50", "2026-10-24 23:10", "2026-05-04 09:00")
# What brings a life forward comes more often than there.
ACTS = (*lives.ACTS, *(["take", "assign", "forward", "forward", "forward", "hold", "hold_until", "resume"] * 2))
PEOPLE = ("ann", "ann", "bo", "mara", "mara", "rita", "router")
TEAMS = ("", "", "devops", "backend", "integration")


def desk(seed: int, size: int, acts: int = 20) -> list[tuple[dict, tuple]]:
    """So many lives: what lives.lead takes, and the type and team that a ticket ends with. The same for the same
    seed."""
    dice = Random(seed)
    return [(_life(dice, acts), (dice.choice(list(TicketType)), dice.choice(TEAMS))) for _ in range(size)]


def _life(dice: Random, acts: int) -> dict:
    steps = [
        (dice.choice(PAUSES), dice.choice(ACTS), dice.choice(PEOPLE), dice.randint(0, 11))
        for _ in range(dice.randint(1, acts))
    ]
    return {
        "beginning": dice.choice(BEGINNINGS), "filer": dice.choice(("rita", "ann", "router", "bo")),
        "priority": dice.choice(list(Priority)), "walked": dice.randint(0, len(lives.WALK)), "steps": steps,
    }  # fmt: skip


def lead(life: dict, fate: tuple, latest: datetime = EARLIEST) -> tuple[Ticket, datetime]:
    """Take a ticket through its life, and give it a type and a team in the end. Returns it and the latest instant."""
    made, end = lives.lead(**life)
    kind, team_key = fate
    acts = [lambda at: made.edit(type=kind, details={}, by=person("mara"), at=at, why="It is")]
    if team_key:
        acts.append(lambda at: made.change_team(team(team_key).id, by=person("mara"), at=at, why="Theirs"))
    for act in acts:
        end += timedelta(minutes=3)
        try:
            act(end)
            db.session.commit()
        except Refusal:
            db.session.rollback()
    return made, max(end, latest)


def populate(lives_and_fates: list, latest: datetime = EARLIEST) -> datetime:
    """All of these lives, one after the other. Returns the latest instant of all."""
    for life, fate in lives_and_fates:
        _made, latest = lead(life, fate, latest)
    return latest
