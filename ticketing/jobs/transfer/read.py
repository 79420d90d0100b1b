"""The rows of a CSV or JSON file, each with the line it starts on. A row that cannot be read is a RowRefused."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from ticketing.jobs.transfer.record import NESTED
from ticketing.jobs.transfer.trouble import RowRefused, Unreadable
from ticketing.queries.csv_export import plain_cell

_CELL_MAX = 64 * 1024 * 1024  # a ticket's whole history stands in one cell
_CHUNK = 1 << 16

Rows = Iterator[tuple[int, dict | RowRefused]]


@contextmanager
def as_text(stream: BinaryIO) -> Iterator[TextIO]:
    """The stream as UTF-8, with or without its mark. Bytes that are none stay apart, to be refused in their row."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield text
    finally:
        text.detach()  # whoever opened the stream closes it


def read_csv(text: TextIO) -> tuple[list[str], Iterator[tuple[int, list[str] | RowRefused]]]:
    """The header in lower case, and the rows as lists of its length. Commas or semicolons part the cells."""
    csv.field_size_limit(_CELL_MAX)
    first = text.readline()
    if not first.strip():
        raise Unreadable("empty")
    comma = first.count(",") >= first.count(";")
    rows = csv.reader(_lines(first, text), delimiter="," if comma else ";", strict=True)
    try:
        header = [name.strip().lower().replace(" ", "_") for name in next(rows)]
    except csv.Error:
        raise Unreadable("empty") from None
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise Unreadable("column_twice", 1, columns=doubled)
    return header, _cells(rows, len(header))


def read_records_csv(text: TextIO, known: tuple[str, ...]) -> Rows:
    """Rows as dicts of their filled cells. Unknown columns are left alone; without a title it is no list of tickets."""
    header, rows = read_csv(text)
    if "title" not in header:
        raise Unreadable("no_title_column", 1, columns=header)
    wanted = [(place, name) for place, name in enumerate(header) if name in known]
    return ((line, _record(cells, wanted)) for line, cells in rows)


def read_records_json(text: TextIO) -> Rows:
    """The objects of one JSON array, read piece by piece."""
    source = _Characters(text)
    if source.peek() != "[":
        raise Unreadable("not_a_json_array", source.line)
    source.skip(1)
    if source.peek() == "]":
        source.skip(1)
        _expect_the_end(source)
        return
    while True:
        source.peek()
        line = source.line
        value = source.value()
        yield line, value if isinstance(value, dict) else RowRefused("row", "not_an_object")
        closing = source.peek()
        if closing not in (",", "]"):
            raise Unreadable("broken_json", source.line)
        source.skip(1)
        if closing == "]":
            _expect_the_end(source)
            return


def _expect_the_end(source) -> None:
    if source.peek():
        raise Unreadable("more_after_the_array", source.line)


def _lines(first: str, rest) -> Iterator[str]:
    yield first
    yield from rest


def _cells(rows, width: int) -> Iterator[tuple[int, list[str] | RowRefused]]:
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield line, RowRefused("row", "broken_quotes")
            continue
        if not any(cells):
            continue
        yield line, cells if len(cells) == width else RowRefused("row", "wrong_number_of_cells", len(cells))


def _record(cells, wanted: list[tuple[int, str]]) -> dict | RowRefused:
    if isinstance(cells, RowRefused):
        return cells
    record = {}
    for place, name in wanted:
        text = plain_cell(cells[place])
        if not text:
            continue
        if name in NESTED:
            try:
                text = json.loads(text)
            except (ValueError, RecursionError):
                return RowRefused(name, "not_json")
        record[name] = text
    return record


class _Characters:
    """A growing window on a JSON text."""

    def __init__(self, text: TextIO):
        self.text = text
        self.window, self.place, self.line = "", 0, 1
        self.decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next character that is no blank, or nothing at the end."""
        while True:
            while self.place < len(self.window) and self.window[self.place] in " \t\r\n":
                self.skip(1)
            if self.place < len(self.window):
                return self.window[self.place]
            if not self._grow():
                return ""

    def skip(self, count: int) -> None:
        self.line += self.window.count("\n", self.place, self.place + count)
        self.place += count

    def value(self):
        while True:
            try:
                value, end = self.decoder.raw_decode(self.window, self.place)
            except ValueError:
                if self._grow():
                    continue
                raise Unreadable("broken_json", self.line) from None
            except RecursionError:
                raise Unreadable("broken_json", self.line) from None
            # A number at the very edge may go on; anything else ends where it ends.
            if end < len(self.window) or not self._grow():
                self.skip(end - self.place)
                return value

    def _grow(self) -> bool:
        more = self.text.read(_CHUNK)
        self.window, self.place = self.window[self.place :] + more, 0
        return bool(more)
