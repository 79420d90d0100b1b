"""flask sla simulate: compliance before and after, had other policies or calendars held."""

import json
import time
from collections.abc import Iterator
from datetime import datetime

import click
from flask.cli import with_appcontext

from ticketing.cli.durations import minutes_and_hours
from ticketing.cli.moments import MOMENT
from ticketing.cli.sla_policies import read_file
from ticketing.clock import now as present
from ticketing.jobs.sla.simulate import Pair, Result, Turned
from ticketing.jobs.sla.simulate import simulate as replay
from ticketing.rules.compliance import Compliance
from ticketing.rules.instants import write_instant
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import PRIORITIES

KEPT = 50


@click.command(epilog="Example: flask sla simulate --policy policies.json --since 2026-02-01")
@click.option(
    "--policy",
    "file",
    type=click.File(encoding="utf-8-sig"),
    required=True,
    metavar="FILE",
    help="Policies and calendars, as `flask sla policies export` writes them (- is standard input).",
)
@click.option("--since", type=MOMENT, help="Only cycles that stopped or breached then or later.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object, with every ticket.")
@click.option("--now", type=MOMENT, help="Judge open clocks by this instant instead of the present.")
@with_appcontext
def simulate(file, since: datetime | None, as_json: bool, now: datetime | None) -> None:  # fmt: skip
    """Replay the history under the policies and calendars in FILE, and say what would have been. Writes nothing.

    Shows compliance before and after, by priority and by team, and which tickets would have breached. A cycle counts
    on the day it stopped, or breached while it still runs.
    """
    document, begun = read_file(file), time.monotonic()
    result = replay(document, now or present(), since, keep=None if as_json else KEPT)
    if as_json:
        click.echo(json.dumps(_as_facts(result), indent=2, ensure_ascii=False))
        return
    for line in _report(result, time.monotonic() - begun):
        click.echo(line)


def _report(result: Result, took_s: float) -> Iterator[str]:
    since = f" since {write_instant(result.since)}" if result.since else ""
    yield f"{result.tickets} tickets{since} replayed in {took_s:.1f} s, as of {write_instant(result.now)}."
    yield ""
    yield f"{'':<28}{'reaction':^30}{'resolution':^30}"
    yield f"{'':<28}" + f"{'before':>10}{'after':>9}{'':<11}" * 2
    for name, pairs in _rows(result):
        yield f"{name[:27]:<28}" + "".join(_cells(pairs.get(kind)) for kind in ClockKind)
    yield ""
    yield from _listed("would have breached", result.breaching, result.breaching_count)
    yield from _listed("would not have breached", result.sparing, result.sparing_count)


def _rows(result: Result) -> Iterator[tuple[str, dict[ClockKind, Pair]]]:
    yield "All", result.total
    for priority in PRIORITIES:
        if priority in result.priorities:
            yield f"  {priority.capitalize()}", result.priorities[priority]
    for number, name in result.team_names.items():
        if number in result.teams:
            yield f"  {name}", result.teams[number]


def _cells(pair: Pair | None) -> str:
    if pair is None:
        return f"{'-':>10}{'-':>9}{'':<11}"
    moved = "" if pair.moved is None or not round(pair.moved, 3) else f"{pair.moved:+.1%}"
    return f"{_share(pair.before):>10}{_share(pair.after):>9}{moved:>9}  "


def _share(side: Compliance) -> str:
    return "-" if side.share is None else f"{side.share:.1%}"


def _listed(what: str, turned: list[Turned], count: int) -> Iterator[str]:
    yield f"{count} {'cycle' if count == 1 else 'cycles'} {what}{':' if count else '.'}"
    for one in turned:
        due = f", due {write_instant(one.due_at)}" if one.due_at else ""
        late = f", {minutes_and_hours(one.late_s)} late" if one.late_s else ""
        yield f"  T-{one.ticket} {one.kind} {one.cycle} ({one.priority}){due}{late}"
    if count > len(turned):
        yield f"  and {count - len(turned)} more; --json lists them all"


def _as_facts(result: Result) -> dict:
    def pairs(group: dict[ClockKind, Pair]) -> dict:
        return {kind: {"before": _side(pair.before), "after": _side(pair.after)} for kind, pair in group.items()}

    return {
        "since": write_instant(result.since), "now": write_instant(result.now), "tickets": result.tickets,
        "total": pairs(result.total),
        "priorities": {name: pairs(result.priorities[name]) for name in PRIORITIES if name in result.priorities},
        "teams": {name: pairs(result.teams[n]) for n, name in result.team_names.items() if n in result.teams},
        "would_breach": [_turned(one, result) for one in result.breaching],
        "would_not_breach": [_turned(one, result) for one in result.sparing],
    }  # fmt: skip


def _side(side: Compliance) -> dict:
    return {
        "met": side.met, "breached": side.breached, "compliance": side.share and round(side.share, 4),
        "cancelled": side.cancelled, "self": side.self, "superseded": side.superseded,
        "median_s": side.median_s, "p90_s": side.p90_s, "mean_s": side.mean_s,
    }  # fmt: skip


def _turned(one: Turned, result: Result) -> dict:
    return {
        "ticket": f"T-{one.ticket}", "clock": one.kind, "cycle": one.cycle, "priority": one.priority,
        "team": result.team_names.get(one.team_id), "before": one.before, "after": one.after,
        "due_at": write_instant(one.due_at), "late_s": one.late_s,
    }  # fmt: skip
