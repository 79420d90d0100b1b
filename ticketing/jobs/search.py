"""The index of words as a whole: looked through for what is wrong, or written anew, while the desk goes on working."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ticketing.extensions import db
from ticketing.jobs.reads import only_reading
from ticketing.models import search_index

PORTION = 1000  # tickets a transaction
NAMED_MAX = 10


@dataclass
class Findings:
    """What is wrong with the index. `named` are the first of the `wrong` tickets, by number."""

    looked_at: int = 0
    wrong: int = 0
    named: list[int] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)  # those that are missing
    whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.wrong or self.triggers or not self.whole)


def check(deep: bool = False, tell: Callable[[int], object] = lambda _size: None) -> Findings:
    """Compare the index with what the tickets say; nobody waits for it. `tell` gets the size of each portion.

    With `deep` SQLite also proves its own structure, and nobody can write meanwhile.
    """
    with only_reading():
        db.session.rollback()
        found = Findings(triggers=search_index.missing_triggers())
        for first, last in _portions():
            wrong = search_index.wrong_numbers(first, last)
            found.named += wrong[: NAMED_MAX - len(found.named)]
            found.wrong += len(wrong)
            found.looked_at += last - first + 1
            db.session.rollback()
            tell(last - first + 1)
    if deep:
        found.whole = search_index.is_whole()
        db.session.rollback()
    return found


def rebuild(scratch: bool = False, tell: Callable[[int], object] = lambda _size: None) -> int:
    """Write the index anew in portions, each in a transaction; commits. Returns how many numbers it went through.

    What is written meanwhile the triggers index, so that it begins with these. Broken off, it is run again. From
    `scratch`, or when nobody can read the index any more, it is emptied first: then old tickets are found again one
    portion after the other.
    """
    search_index.restore_triggers()
    if scratch or not search_index.is_readable():
        search_index.start_over()
    db.session.commit()
    done = 0
    for first, last in _portions():
        search_index.write_anew(first, last)
        db.session.commit()
        done = last
        tell(last - first + 1)
    going_on = search_index.tidy_some(first=True)
    db.session.commit()
    while going_on:
        going_on = search_index.tidy_some(first=False)
        db.session.commit()
    return done


def length() -> int:
    """How many numbers there are to go through."""
    return search_index.highest_number()


def _portions() -> Iterator[tuple[int, int]]:
    last = search_index.highest_number()
    for first in range(1, last + 1, PORTION):
        yield first, min(first + PORTION - 1, last)
