"""Case history and reports on a large desk: python -m tests.bench.history --size 1000000 --engine postgresql

Each page is asked for in several ways, one client at a time; what counts is the time of the slowest way at p95.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench.client import Browser
from tests.bench.data import Desk, Store
from tests.bench.rounds import percentile
from tests.bench.servers import PRODUCT, ROOT, Server, clean_environ
from tests.bench.tasks import viewer

MUST_MS = 1000
MANAGER = "helen@desk.example"


@dataclass(slots=True)
class Way:
    """One way to ask: its paths are taken in turn."""

    page: str
    name: str
    paths: list[str]
    typed: bool = False  # these are no paths but titles that somebody writes into the form of a new ticket
    times_ms: list[float] = field(default_factory=list)
    size_kb: float = 0.0


def ways(desk: Desk) -> Iterator[Way]:
    words = _titles(desk, 40)
    common = desk.common
    yield Way("search", "a rare word", [f"/queue?q={desk.rare}"])
    yield Way("search", "the commonest word", [f"/queue?q={common}", f"/queue?q={common}&sort=-created"])
    yield Way("search", "while typing", [f"/queue?q={common[:length]}" for length in (1, 2, 3, 4)])
    yield Way("search", "two words", [f"/queue?q={first}+{common}" for first, _ in words])
    yield Way("search", "a whole title", [f"/queue?q={'+'.join(title.split())}" for _, title in words])
    yield Way("search", "with filters", [f"/queue?q={common}&status=closed&team=integration&priority=high",
                                         f"/queue?q={common}&view=unassigned", f"/board?q={common}"])  # fmt: skip
    yield Way("similar tickets", "of a ticket", [f"/tickets/{key}/similar" for key in _spread(desk, 60)])
    yield Way("similar tickets", "while typing", [" ".join(title.split()[:5]) for _, title in words], typed=True)
    yield Way("recurring", "what flares and comes back", ["/reports/recurring"])
    for name, period in (("4 weeks", "preset=4w"), ("12 weeks", "preset=12w"), ("a year", "preset=1y")):
        yield Way("overview", name, [f"/reports?{period}"])
        yield Way("overview", f"{name} of a team, type, category or person", [
            f"/reports?{period}&{one}"
            for one in ("team=integration", "type=incident", "category=payment_processing", "person=farah",
                        "team=integration&priority=high")
        ])  # fmt: skip
        yield Way("providers", name, [f"/reports/providers?{period}"])
        yield Way("tickets behind a number", name, [
            f"/reports/tickets?figure={figure}&{period}"
            for figure in ("resolution_breached", "closed", "stay_diagnostics", "open", "closed&offset=500",
                           "resolution&team=integration&priority=critical")
        ])  # fmt: skip
    yield Way("now", "a manager's", ["/reports/now"])


def _titles(desk: Desk, count: int) -> list[tuple[str, str]]:
    """(a long word of it, the title) of tickets from all over the desk."""
    with _reading(desk) as connection:
        query = text("SELECT title FROM ticket WHERE id % :step = 7 AND NOT restricted LIMIT :count")
        titles = connection.scalars(query, {"step": max(1, desk.size // count), "count": count}).all()
    plain = ["".join(sign if sign.isalnum() else " " for sign in title) for title in titles]
    return [(max(title.split(), key=len), title) for title in plain]


def _spread(desk: Desk, count: int) -> list[str]:
    with _reading(desk) as connection:
        query = text("SELECT id FROM ticket WHERE id % :step = 3 AND NOT restricted LIMIT :count")
        numbers = connection.scalars(query, {"step": max(1, desk.size // count), "count": count}).all()
    return [f"T-{number}" for number in numbers]


def _reading(desk: Desk):
    return create_engine(desk.url).connect()


def measure(desk: Desk, count: int, only: str | None) -> list[Way]:
    found = [way for way in ways(desk) if only is None or only in way.page]
    with ExitStack() as stack:
        server = Server("wsgi:app", Path(desk.data_dir) / "history.log", PRODUCT, **desk.environ)
        stack.callback(server.stop)
        server.wait()
        browser = viewer(server.port, MANAGER)
        for way in found:
            print(f"{way.page}: {way.name}", file=sys.stderr, flush=True)
            _ask(browser, way, count)
    return found


def _ask(browser: Browser, way: Way, count: int) -> None:
    connection = browser.connect()
    for turn in range(-2, count):
        path = way.paths[turn % len(way.paths)]
        started = time.perf_counter()
        asked = browser.post_as_htmx("/tickets/similar", title=path) if way.typed else browser.get(path)
        answer = connection.ask(asked)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}\n{answer.text[:1500]}")
        if turn >= 0:
            way.times_ms.append((time.perf_counter() - started) * 1000)
        way.size_kb = max(way.size_kb, len(answer.body) / 1000)
    connection.close()


def refresh(desk: Desk, *options: str) -> float:
    """Seconds that `flask report refresh` takes as a command."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "report", "refresh", *options]
    started = time.perf_counter()
    subprocess.run(flask, cwd=ROOT, env=clean_environ() | desk.environ, check=True, capture_output=True)
    return time.perf_counter() - started


def table(found: list[Way]) -> str:
    lines = ["| page | asked for | p50 ms | p95 ms | kB | |", "|---|---|--:|--:|--:|---|"]
    for way in found:
        p50, p95 = percentile(way.times_ms, 0.5), percentile(way.times_ms, 0.95)
        said = "meets must" if p95 <= MUST_MS else "**misses**"
        lines.append(f"| {way.page} | {way.name} | {p50:.0f} | {p95:.0f} | {way.size_kb:.0f} | {said} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.history", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--requests", type=int, default=40, help="of each way")
    parser.add_argument("--only", help="pages whose name holds this")
    options = parser.parse_args(arguments)
    store = Store(options.engine)
    try:
        desk = store.desk(options.size)
        found = measure(desk, options.requests, options.only)
        counting = refresh(desk)
    finally:
        store.close()
    print(f"{options.size:,} tickets on {options.engine}\n\n{table(found)}")
    print(f"\n`flask report refresh` when little has changed: {counting:.2f} s")
    return 1 if any(percentile(way.times_ms, 0.95) > MUST_MS for way in found) else 0


if __name__ == "__main__":
    sys.exit(main())
