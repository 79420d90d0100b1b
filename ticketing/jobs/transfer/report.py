"""What an import did, counted and told line by line."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ticketing.jobs.transfer.trouble import RowRefused


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was mapped, defaulted or refused. `became` is the value taken, or the code of the refusal."""

    what: str
    line: int
    ticket: str
    field: str
    value: str
    became: str


@dataclass
class Report:
    """Counts of tickets, and of notes by what, field, value and outcome with the first line of each.

    `tell` hears every note as it is made, so that nothing has to be kept for it.
    """

    tell: Callable[[Note], object] = lambda note: None
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    events: int = 0
    notes: Counter = field(default_factory=Counter)
    first_lines: dict = field(default_factory=dict)

    def note(self, what: str, line: int, ticket: str, name: str, value: object, became: object) -> None:
        shown = "" if value is None else str(value)[:200]
        self._add(Note(what, line, ticket, name, shown, str(became)))

    def refuse(self, line: int, ticket: str, problem: RowRefused) -> None:
        self.refused += 1
        value = "" if problem.value is None else repr(problem.value)[:200]
        self._add(Note("refused", line, problem.ticket or ticket, problem.field, value, problem.code))

    def _add(self, note: Note) -> None:
        if note.what != "refused":
            kind = (note.what, note.field, note.value, note.became)
            self.notes[kind] += 1
            self.first_lines.setdefault(kind, note.line)
        self.tell(note)
