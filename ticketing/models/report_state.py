"""How far the counting has come: one row, locked by whoever writes facts or sheets."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.extensions import db
from ticketing.models.outbox import Setting
from ticketing.models.report import week_of

KEY = "reports"
RULES = 3  # of what facts and sheets are made; with another number everything is counted anew
_INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(slots=True)
class State:
    """Up to `event` no event can still appear, and all are counted; of those from there to `newest`, `seen` are.

    `mark` was the newest at `marked_at`, and follows `event` once it is old enough. `judged_at` is the latest present
    that clocks were judged by. `era` grows with each start from the beginning, `turn` with each change of facts;
    `dirty` are the days and weeks whose sheets are not right yet, each with the turn at which its facts last changed.
    """

    zone: str
    rules: int = RULES
    event: int = 0
    newest: int = 0
    seen: int = 0
    mark: int = 0
    marked_at: datetime | None = None
    counted_at: datetime | None = None
    judged_at: datetime | None = None
    era: int = 0
    turn: int = 0
    dirty: dict[int, int] = field(default_factory=dict)

    @property
    def value(self) -> dict:
        plain = {name: getattr(self, name) for name in _PLAIN}
        instants = {name: (moment := getattr(self, name)) and moment.isoformat() for name in _INSTANTS}
        return plain | instants | {"dirty": {str(day): turn for day, turn in self.dirty.items()}}

    @classmethod
    def of(cls, value: dict) -> "State":
        instants = {name: datetime.fromisoformat(value[name]) for name in _INSTANTS if value.get(name)}
        dirty = {int(day): turn for day, turn in value["dirty"].items()}
        return cls(**{name: value[name] for name in _PLAIN if name in value}, **instants, dirty=dirty)

    def soil(self, days: set[int]) -> None:
        """These days' facts have changed, and so have those of their weeks."""
        self.turn += 1
        self.dirty |= dict.fromkeys(days | {week_of(day) for day in days}, self.turn)


_PLAIN = ("zone", "rules", "event", "newest", "seen", "mark", "era", "turn")
_INSTANTS = ("marked_at", "counted_at", "judged_at")


def read_state(zone: str, *, to_write: bool = False) -> State:
    """Where the counting stands; a fresh one if it never began. With `to_write` the row is locked, and made first."""
    query = select(Setting).where(Setting.key == KEY).execution_options(populate_existing=True)
    row = db.session.scalar(query.with_for_update() if to_write else query)
    if row is None and to_write:
        # Two that begin at once both find none.
        made = _INSERT[db.engine.dialect.name](Setting).values(key=KEY, value=State(zone).value)
        db.session.execute(made.on_conflict_do_nothing())
        row = db.session.scalars(query.with_for_update()).one()
    return State(zone) if row is None else State.of(row.value)


def write_state(state: State) -> None:
    """In the transaction that has read it to write."""
    db.session.get_one(Setting, KEY).value = state.value
    db.session.flush()
