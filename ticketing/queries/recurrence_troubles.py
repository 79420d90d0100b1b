"""One trouble with all that is counted of it, put together from the rows of recurrence_rows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.sla import hours_of
from ticketing.models.team import Category
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries import recurrence_rows as reads
from ticketing.queries.recurrence_rows import Span
from ticketing.queries.visibility import visible_to
from ticketing.rules.recurrence import BASELINE_DAYS, DAY, WINDOW, Signature, is_flaring, signature_of
from ticketing.rules.taxonomy import Status

_DAY_S = int(DAY.total_seconds())


@dataclass(frozen=True, slots=True)
class Place:
    """Which trouble: `key` is a signature's, `category_id` None while nobody has classified one of them."""

    key: str
    category_id: int | None

    def __str__(self) -> str:
        return f"{self.key}-{self.category_id or 0}"


@dataclass(frozen=True, slots=True)
class Spans:
    """The stretches before a moment: the last 24 h, the 28 days before those, both together, and the last 28 days."""

    day: Span
    baseline: Span
    both: Span
    window: Span

    @classmethod
    def before(cls, now: datetime) -> "Spans":
        day, first = now - DAY, now - DAY - WINDOW
        return cls(Span(day, now), Span(first, day), Span(first, now), Span(now - WINDOW, now))


@dataclass(slots=True)
class Trouble:
    """One trouble as the page tells it. Lengths in seconds.

    What it cost and how often it came back is of the last 28 days, and of its newest tickets alone where there are very
    many of them (`is_cut`).
    """

    place: Place
    takes_unclassified: bool = False  # what has no category yet counts here
    category: Category | None = None
    newest: int = 0  # the number of its newest ticket, whose title names it
    title: str = ""
    restricted: bool = False  # that newest ticket is, so that none is to be named elsewhere by its title
    signature: Signature | None = None
    day: int = 0  # filed in the last 24 h
    baseline: int = 0  # filed in the 28 days before those
    tickets: int = 0  # filed in the last 28 days
    looked_at: int = 0  # of `tickets`, those that were read one by one
    unclassified: int = 0  # of those
    gaps: list[int] = field(default_factory=list)  # of each return, from the mending on
    open_s: int = 0
    worked_s: int = 0
    breaches: int = 0
    staff: set[int] = field(default_factory=set)
    last_seen: datetime | None = None
    days: list[int] = field(default_factory=lambda: [0] * (BASELINE_DAYS + 1))  # per 24 h; the last of them end now
    open: int = 0  # however old they are
    loose: int = 0  # of the open ones, those that belong to no family
    parent: object | None = None  # (id, title, status) of the open parent of most of them

    @property
    def usual(self) -> float:
        """Tickets a day, in the 28 days before the last 24 h."""
        return self.baseline / BASELINE_DAYS

    @property
    def is_cut(self) -> bool:
        return self.looked_at < self.tickets

    @property
    def is_flaring(self) -> bool:
        return is_flaring(self.day, self.baseline)

    @property
    def returns(self) -> int:
        return len(self.gaps)

    @property
    def gap_s(self) -> int | None:
        """The median time from the mending to the return."""
        return int(median(self.gaps)) if self.gaps else None

    @property
    def people(self) -> int:
        return len(self.staff)


class Gathering:
    """All that is to be known of these signatures, for one viewer at one moment; `troubles` by their places."""

    def __init__(self, keys: Collection[str], spans: Spans, viewer: User, reopened: Iterable, linked: Iterable,
                 asked: Place | None = None):  # fmt: skip
        self.keys, self.spans, self.viewer = keys, spans, viewer
        self.now_s, self.since_s = int(spans.day.until.timestamp()), int(spans.window.since.timestamp())
        known = [row for row in reopened if row.signature in keys]
        self.closed_between = [row for row in known if row.ended]  # however it had ended
        self.reopened = [row for row in known if row.mended]
        self.linked = [row for row in linked if row.signature in keys]
        self.troubles: dict[Place, Trouble] = {}
        by_day = reads.by_day(keys, self.now_s, spans.both, viewer)
        self.home = self._homes(by_day)
        self._count(by_day)
        self.members = reads.members(self.home, spans.window, viewer)
        self._add_up()
        self._find_returns()
        self._sum_up_clocks()
        self._look_at_families()
        if asked is not None:
            self._remember(self.settled(asked))
        self._name()

    def settled(self, place: Place) -> Place:
        """Where it is found here: what nobody has classified counts where its signature mostly stands."""
        return Place(place.key, place.category_id or self.home.get(place.key))

    def place_of(self, row) -> Place:
        return self.settled(Place(row.signature, row.category_id))

    def _homes(self, by_day: list) -> dict[str, int | None]:
        """{signature: the category in which most of its tickets stand, else where one was mended last, else None}."""
        found: dict[str, int | None] = dict.fromkeys(sorted(self.keys))
        found |= homes_by_weight(by_day)
        lost = [key for key, category in found.items() if category is None]
        return found | {row.signature: row.category_id for row in reads.last_mended_in(lost, self.viewer)}

    def _trouble(self, row) -> Trouble:
        place = self.place_of(row)
        return self._at(place)

    def _at(self, place: Place) -> Trouble:
        if place not in self.troubles:
            self.troubles[place] = Trouble(place, self.home.get(place.key) == place.category_id)
        return self.troubles[place]

    def _count(self, by_day: list) -> None:
        for row in by_day:
            trouble = self._trouble(row)
            trouble.days[BASELINE_DAYS - row.age] += row.n
            if row.age:
                trouble.baseline += row.n
            else:
                trouble.day += row.n
            if row.age < BASELINE_DAYS:
                trouble.tickets += row.n

    def _add_up(self) -> None:
        again = {row.id: row for row in reversed(self.reopened)}  # by the first of its reopenings
        away = Counter()  # how long it was closed in between; of what is older, since it first came back
        for row in self.closed_between:
            if row.created > self.since_s or (row.id in again and row.at > again[row.id].at):
                away[row.id] += max(row.at - row.ended, 0)
        for row in self.members:
            trouble = self._trouble(row)
            trouble.looked_at += 1
            trouble.unclassified += row.category_id is None
            trouble.open_s += (row.closed or self.now_s) - row.created - away[row.id]
            self._see(trouble, row, row.created)
        for row in again.values():
            trouble = self._trouble(row)
            if row.created <= self.since_s:
                trouble.open_s += (row.closed or self.now_s) - row.at - away[row.id]
            self._see(trouble, row, row.at)

    def _see(self, trouble: Trouble, row, at: int) -> None:
        trouble.staff |= {one for one in (row.owner_id, row.solver_id) if one is not None}
        seen = datetime.fromtimestamp(at, UTC)
        trouble.last_seen = max(seen, trouble.last_seen or seen)
        trouble.newest = max(trouble.newest, row.id)

    def _find_returns(self) -> None:
        """A ticket filed after another was mended, a mended one that was reopened, one linked as a recurrence."""
        counted = set()
        for row in self.members:
            if row.ended is not None:
                self._trouble(row).gaps.append(row.created - row.ended)
                counted.add(row.id)
        for row in self.linked:
            if row.id not in counted:
                counted.add(row.id)
                self._trouble(row).gaps.append(row.created - row.ended)
                self._see(self._trouble(row), row, row.created)
        for row in self.reopened:
            if row.ended is not None:
                self._trouble(row).gaps.append(max(row.at - row.ended, 0))

    def _sum_up_clocks(self) -> None:
        again = {row.id for row in self.reopened}
        for row in reads.clocks(self.home, again, self.spans.window, self.viewer):
            trouble = self._trouble(row)
            trouble.worked_s += row.worked
            trouble.breaches += row.breaches
        worked: dict[int, tuple[datetime, int]] = {}  # of each calendar: from when until now, and how much that is
        for row in reads.running_clocks(self.home, again, self.spans.window, self.viewer):
            until, total = worked.get(row.calendar_id, (self.spans.day.until, 0))
            if row.since < until:
                until, total = row.since, total + hours_of(row.body).work(row.since, until)
                worked[row.calendar_id] = (until, total)
            self._trouble(row).worked_s += total

    def _look_at_families(self) -> None:
        families = reads.open_by_family(self.keys, self.viewer)
        numbers = {number for row in families for number in (row.parent_id, row.itself) if number}
        parents = select(Ticket.id, Ticket.title, Ticket.status).where(
            Ticket.id.in_(numbers), Ticket.status != Status.CLOSED, visible_to(self.viewer)
        )
        known = {row.id: row for row in db.session.execute(parents)}
        children: dict[Place, Counter] = defaultdict(Counter)
        for row in families:
            trouble = self._trouble(row)
            trouble.open += row.n
            if row.parent_id in known:
                children[trouble.place][row.parent_id] += row.n
            elif row.itself:
                children[trouble.place][row.itself] += 0
            elif row.parent_id is None:
                trouble.loose += row.n
        for place, of_parent in children.items():
            self.troubles[place].parent = known[min(of_parent, key=lambda number: (-of_parent[number], number))]

    def _remember(self, place: Place) -> None:
        """A trouble that was not seen for a month is named by its newest ticket all the same."""
        row = reads.newest(place.key, place.category_id, self.viewer)
        if row is not None:
            trouble = self._at(place)
            trouble.newest = trouble.newest or row.id
            trouble.last_seen = trouble.last_seen or datetime.fromtimestamp(row.created, UTC)

    def _name(self) -> None:
        """Each by its newest ticket."""
        self.troubles = {place: trouble for place, trouble in self.troubles.items() if trouble.newest}
        newest = {trouble.newest for trouble in self.troubles.values()}
        tickets = select(Ticket.id, Ticket.title, Ticket.details, Ticket.restricted).where(Ticket.id.in_(newest))
        named = {row.id: row for row in db.session.execute(tickets.where(visible_to(self.viewer)))}
        categories = {one.id: one for one in db.session.scalars(select(Category))}
        for trouble in self.troubles.values():
            row = named[trouble.newest]
            trouble.title, trouble.restricted = row.title, row.restricted
            trouble.signature = signature_of(row.title, row.details)
            trouble.category = categories.get(trouble.place.category_id)


def homes_by_weight(*counted: Iterable) -> dict[str, int]:
    """{signature: the category in which most of its tickets stand}, of rows with `n`; not of what has none at all."""
    weights: dict[str, Counter] = defaultdict(Counter)
    for rows in counted:
        for row in rows:
            if row.category_id is not None:
                weights[row.signature][row.category_id] += row.n
    return {key: min(of, key=lambda category: (-of[category], category)) for key, of in weights.items()}
