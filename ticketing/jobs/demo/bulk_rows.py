"""The rows of bulk tickets, as they are stored. One pass per ticket, because a million of them have to be made."""

from math import log as _log
from random import Random

from ticketing.jobs.demo.bulk_cases import PLAYER, Case
from ticketing.jobs.demo.cast import Cast
from ticketing.models.ticket_row import LANE_FREE, LANE_HELD

TICKET = (
    "id", "version", "type", "category_id", "priority", "status", "status_since", "title", "description", "details",
    "haystack", "restricted", "reporter_id", "owner_id", "team_id", "solver_id", "created_at", "updated_at",
    "closed_at", "hold_reason", "hold_text", "held_since", "solution", "resolution_code", "root_cause", "lane",
    "comment_count", "visible_comment_count", "child_count", "repeat_count",
)  # fmt: skip
COMMENT = ("id", "ticket_id", "author_id", "internal", "body", "html", "created_at")
EVENT = ("ticket_id", "kind", "actor_id", "at", "noticed_at", "payload")

DAY = 86_400
_SPAN = 730 * DAY
_NORMAL = 3
# The open ones are among the youngest third, and as many of those are closed: nobody leaves a ticket open for a year.
_YOUNG, _OPEN_AMONG_YOUNG = 0.3, 0.47
_OPEN_SHARES = ((1, 14), (2, 14), (3, 20), (4, 24), (5, 16), (6, 12))
_STATUSES = (None, "new", "classified", "assigned", "diagnostics", "correction", "solution_check", "closed")
_CLOSED = 7
_TO_CLASSIFIED = '{"from": "new", "to": "classified"}'
_TO_ASSIGNED = '{"from": "classified", "to": "assigned"}'
_TO_DIAGNOSTICS = '{"from": "assigned", "to": "diagnostics"}'
_INVALID = '{"from": "new", "to": "closed", "resolution_code": "invalid", "root_cause": null}'


class Writer:
    """Writes the next tickets of a desk whose last two years end at `now` (seconds)."""

    def __init__(self, rng: Random, cases: list[Case], cast: Cast, now: int, count: int, *, next_ticket: int,
                 next_comment: int):  # fmt: skip
        self.rng, self.cases, self.now, self.count = rng, cases, now, count
        self.ticket, self.comment, self.made = next_ticket, next_comment, 0
        self.desk = cast.team_ids["technical_support"]
        self.triagers = [person.id for person in cast.support]
        self.managers = [person.id for person in cast.managers]
        self.day_times = [int(rng.triangular(6.5, 22, 11) * 3600) for _ in range(997)]
        self.open_steps = [step for step, share in _OPEN_SHARES for _ in range(share)]
        self.tickets: list[tuple] = []
        self.comments: list[tuple] = []
        self.events: list[tuple] = []

    def write(self, size: int) -> tuple[list[tuple], list[tuple], list[tuple]]:
        self.tickets, self.comments, self.events = [], [], []
        for _ in range(size):
            self._ticket()
        return self.tickets, self.comments, self.events

    def _ticket(self) -> None:
        random = self.rng.random
        place = self.made / self.count
        is_open = place > 1 - _YOUNG and random() < _OPEN_AMONG_YOUNG
        step = self.open_steps[int(random() * len(self.open_steps))] if is_open else _CLOSED
        created = self._created(place)
        if is_open:
            end = created + int((self.now - created) * (0.2 + 0.75 * random()))
        else:
            end = self._weekday(created + 1800 + int(-110_000 * _log(1 - random())), created)
        case = self.cases[int(random() * len(self.cases))]
        if step == _CLOSED and random() < 0.05:
            self._invalid(case, created, end)
        else:
            self._walk(case, step, created, end)
        self.ticket += 1
        self.made += 1

    def _created(self, place: float) -> int:
        day = (self.now - _SPAN + int(_SPAN * place)) // DAY
        weekday = (day + 3) % 7
        if weekday > 4 and self.rng.random() < 0.7:
            day -= weekday - 4
        moment = day * DAY + self.day_times[int(self.rng.random() * 997)]
        return moment if moment < self.now - 7200 else self.now - 7200 - int(self.rng.random() * 40_000)

    def _weekday(self, moment: int, created: int) -> int:
        """Closings wait for Monday, mostly; none lies in the future."""
        weekday = (moment // DAY + 3) % 7
        if weekday > 4 and self.rng.random() < 0.8:
            moment += (7 - weekday) * DAY
        return moment if moment < self.now else max(created + 1200, self.now - 60 - int(self.rng.random() * 3600))

    def _invalid(self, case: Case, created: int, end: int) -> None:
        by = self.managers[0] if case.restricted else self.triagers[self.ticket % len(self.triagers)]
        self.events += (
            (self.ticket, "created", case.reporter_id, created, created, case.created),
            (self.ticket, "closed", by, end, end, _INVALID),
        )
        self._row(case, _CLOSED, created, end, end, version=2, category=None, priority=_NORMAL, team=self.desk,
                  code="invalid")  # fmt: skip

    def _walk(self, case: Case, step: int, created: int, end: int) -> None:
        """From new as far as `step`, with the last act at `end`."""
        random, ticket = self.rng.random, self.ticket
        events = self.events
        events.append((ticket, "created", case.reporter_id, created, created, case.created))
        if step == 1:
            self._row(case, 1, created, created, created, version=1, category=None, priority=_NORMAL, team=self.desk)
            return
        length = end - created
        pick = int(random() * 1000)
        triager = self.managers[pick % 2] if case.restricted else self.triagers[pick % len(self.triagers)]
        at = end if step == 2 else created + int(length * (0.02 + 0.06 * random()))
        events.append((ticket, "classified", triager, at, at, case.classified))
        if case.rerouted:
            events.append((ticket, "team_changed", triager, at, at, case.rerouted))
        events.append((ticket, "moved", triager, at, at, _TO_CLASSIFIED))
        if step == 2:
            self._row(case, 2, created, at, at, version=2)
            return
        at = end if step == 3 else created + int(length * (0.09 + 0.06 * random()))
        owner, team = self._owner(case, triager, at, pick)
        if step == 3:
            self._row(case, 3, created, at, at, version=3, owner=owner, team=team)
            return
        closer = self.managers[pick % 2] if owner == triager else triager
        self._work(case, step, created, end, owner, team, closer)

    def _owner(self, case: Case, triager: int, at: int, pick: int) -> tuple[int, int]:
        """Somebody of the category's team, or for a good quarter of the tickets somebody of the desk itself."""
        ticket, events = self.ticket, self.events
        keeps = pick % 7 < 2 and not case.restricted
        owner = self.triagers[pick // 7 % len(self.triagers)] if keeps else case.owners[pick % len(case.owners)]
        events.append((ticket, "assigned", triager, at, at, f'{{"owner": {owner}}}'))
        team = self.desk if keeps else case.team_id
        if team != case.team_id:
            events.append((ticket, "team_changed", triager, at, at, f'{{"from": {case.team_id}, "to": {team}}}'))
        events.append((ticket, "moved", triager, at, at, _TO_ASSIGNED))
        return owner, team

    def _work(self, case: Case, step: int, created: int, end: int, owner: int, team: int, closer: int) -> None:
        random, ticket, events = self.rng.random, self.ticket, self.events
        length = end - created
        at = end if step == 4 else created + int(length * (0.16 + 0.1 * random()))
        events.append((ticket, "moved", owner, at, at, _TO_DIAGNOSTICS))
        # The last act is the move to where the ticket stands; in diagnostics what follows falls on the same moment.
        after = 0 if step == 4 else length
        updated, said, notes = self._talk(case, owner, at, after)
        version, held_since = self._wait(case, owner, at, after, step)
        facts = {"owner": owner, "team": team, "said": said, "notes": notes}
        if step == 4:
            self._row(case, 4, created, at, updated, version=version, held_since=held_since, **facts)
            return
        straight = step != 5 and random() < 0.2
        if not straight:
            at = end if step == 5 else created + int(length * (0.5 + 0.12 * random()))
            events.append((ticket, "moved", owner, at, at, case.corrected))
            version += 1
        if step == 5:
            held_since = at if random() < 0.16 else None
            if held_since:
                events.append((ticket, "held", owner, at, at, case.held))
            version += held_since is not None
            self._row(case, 5, created, at, at, version=version, held_since=held_since, **facts)
            return
        at = end if step == 6 else created + int(length * (0.68 + 0.2 * random()))
        events.append((ticket, "moved", owner, at, at, case.checked_at_once if straight else case.checked))
        facts |= {"solver": owner, "solution": case.solution}
        if step == 6:
            self._row(case, 6, created, at, at, version=version + 1, **facts)
            return
        events.append((ticket, "closed", closer, end, end, case.closed))
        self._row(case, _CLOSED, created, end, end, version=version + 2, code=case.code, cause=case.cause, **facts)

    def _talk(self, case: Case, owner: int, at: int, length: int) -> tuple[int, int, int]:
        """A reply to the reporter, a note among colleagues, both or neither: (last moment, how many, notes)."""
        random = self.rng.random
        replied, noted = random() < 0.6, random() < 0.2
        if replied:
            at += int(length * 0.03)
            self._say(owner, at, case.reply, internal=False)
        if noted:
            at += int(length * 0.02)
            self._say(owner, at, case.note, internal=True)
        return at, replied + noted, int(noted)

    def _wait(self, case: Case, owner: int, at: int, length: int, step: int) -> tuple[int, int | None]:
        """Perhaps a hold: over by the next move, or still on when the ticket stands in diagnostics."""
        if self.rng.random() >= (0.15 if step == 4 else 0.1):
            return 4, None
        since = at + int(length * 0.1)
        self.events.append((self.ticket, "held", owner, since, since, case.held))
        if step == 4:
            return 5, since
        over = since + int(length * 0.1)
        self.events.append((self.ticket, "resumed", owner, over, over, case.resumed))
        return 6, None

    def _say(self, author: int, at: int, said: tuple[str, str], internal: bool) -> None:
        number = self.comment
        self.comment += 1
        self.comments.append((number, self.ticket, author, internal, said[0], said[1], at))
        payload = f'{{"comment": {number}, "internal": {"true" if internal else "false"}}}'
        self.events.append((self.ticket, "commented", author, at, at, payload))

    def _row(self, case: Case, step: int, created: int, since: int, updated: int, *, version: int, category=-1,
             priority: int = 0, team: int = 0, owner: int | None = None, solver: int | None = None, solution: str = "",
             code: str | None = None, cause: str | None = None, said: int = 0, notes: int = 0,
             held_since: int | None = None) -> None:  # fmt: skip
        player = str(8_000_001 + self.ticket * 7919 % 999_983)
        self.tickets.append((
            self.ticket, version, case.type, case.category_id if category == -1 else category,
            priority or case.priority, _STATUSES[step], since, case.title, case.description.replace(PLAYER, player),
            case.details.replace(PLAYER, player), case.haystack.replace(PLAYER, player), case.restricted,
            case.reporter_id, owner, team or case.team_id, solver, created, updated,
            since if step == _CLOSED else None, case.hold_reason if held_since else None,
            case.hold_text if held_since else "", held_since, solution, code, cause,
            LANE_HELD if held_since else LANE_FREE, said, said - notes, 0, 0,
        ))  # fmt: skip
