"""Measure the real server beside the floor: python -m tests.bench --help"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.bench import check, crowd, inside, table
from tests.bench.data import Desk, Store, look_round
from tests.bench.rounds import Pair, run_rounds
from tests.bench.servers import FLOOR, PRODUCT, Server
from tests.bench.tasks import TARGETS, VIEWER, Tasks, viewer

REQUESTS = {"board": 60, "queue": 100, "ticket": 120, "create": 120, "move": 120}
CROWD_S = 4.0
CHECK = "check"
QUICK_REQUESTS, QUICK_CROWD_S = 6, 0.2


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    names = [name for name in TARGETS if not options.only or name in options.only]
    checks = options.engine == "sqlite" and not options.profile and (not options.only or CHECK in options.only)
    store = Store(options.engine)
    with ExitStack() as stack:
        stack.callback(store.close)
        checked = _check(store, options) if checks else []
        if not names:
            print(table.checked(checked))
            return 0
        desks = [store.desk(size) for size in options.sizes]
        if options.profile:
            _profile(desks, options.profile)
            return 0
        statements = {desk.size: _count(desk, names) for desk in desks}
        pairs = {desk.size: _start(desk, stack) for desk in desks}
        memory_first = {size: pair.product.memory_mb() for size, pair in pairs.items()}
        counts = {name: QUICK_REQUESTS if options.quick else REQUESTS.get(name, 100) for name in names}
        measured = run_rounds(pairs, names, options.rounds, counts, _tell)
        crowds = [] if options.no_crowd else _crowds(desks, pairs, options.quick)
        memory = {size: (memory_first[size], pair.product.memory_mb()) for size, pair in pairs.items()}
        for one in measured:
            one.statements = statements[one.size][one.name]
    parts = [table.answers(measured), table.growth(measured), table.checked(checked), table.crowds(crowds)]
    parts.append(table.memory(memory))
    print("\n\n".join(part for part in parts if part))
    return 1 if any(one.errors for _, one in crowds) else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=[10_000, 100_000], help="tickets, e.g. 10000,100000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_names, help=f"some of {','.join(TARGETS)},{CHECK}")
    parser.add_argument("--clocks", type=_numbers, help="for the check, by default 10000,1000000")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--quick", action="store_true", help="a few requests of each: does it all work?")
    parser.add_argument("--no-crowd", action="store_true", help="leave out many clients at once")
    parser.add_argument("--profile", type=_names, help="no servers: profile these tasks inside this process")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return sorted(int(part) for part in text.split(","))


def _names(text: str) -> list[str]:
    unknown = [name for name in text.split(",") if name not in (*TARGETS, CHECK)]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return text.split(",")


def _check(store: Store, options: argparse.Namespace) -> list[check.Checked]:
    sizes = tuple(options.clocks or (check.QUICK_SIZES if options.quick else check.SIZES))
    return check.measure(store, sizes, min(check.DUE, sizes[0] // 10), options.rounds, _tell)


def _start(desk: Desk, stack: ExitStack) -> Pair:
    logs = Path(desk.data_dir)
    product = Server("wsgi:app", logs / "product.log", PRODUCT, **desk.environ)
    stack.callback(product.stop)
    floor = Server("tests.bench.floor:create_app()", logs / "floor.log", FLOOR, FLOOR_DATABASE=str(desk.floor))
    stack.callback(floor.stop)
    product.wait(), floor.wait()
    return Pair(Tasks(desk, viewer(product.port)), product, floor)


def _crowds(desks: list[Desk], pairs: dict[int, Pair], quick: bool) -> list[tuple[int, crowd.Crowd]]:
    seconds = QUICK_CROWD_S if quick else CROWD_S
    found = []
    for desk in desks:
        pair = pairs[desk.size]
        _tell(f"Many clients at once, {desk.size:,} tickets")
        browsers = crowd.staff(pair.product, desk, VIEWER)
        everybody = list(browsers.values())
        groups = (
            ("create", pair.product, crowd.creators(pair.product, everybody, 8)),
            ("floor create", pair.floor, crowd.floor_creators(pair.floor, 8)),
            ("create", pair.product, crowd.creators(pair.product, everybody, 32)),
            ("move", pair.product, crowd.movers(pair.product, desk, browsers, 16)),
            ("pages", pair.product, crowd.readers(pair.product, pair.tasks, 16)),
        )
        found += [(desk.size, crowd.run_crowd(*group, seconds)) for group in groups]
    return found


def _count(desk: Desk, names: list[str]) -> dict[str, int]:
    """SQL statements of each task, before there are servers; then the desk is looked at anew, for tickets moved."""
    with inside.tasks_inside(desk, VIEWER) as (app, tasks):
        said = inside.count_statements(app, tasks, names)
    look_round(desk)
    return {name: len(statements) for name, statements in said.items()}


def _profile(desks: list[Desk], names: list[str]) -> None:
    for desk in desks:
        with inside.tasks_inside(desk, VIEWER) as (app, tasks):
            for name, statements in inside.count_statements(app, tasks, names).items():
                print(f"\n{name}: {len(statements)} statements")
                for statement in statements:
                    print("  " + " ".join(statement.split())[:160])
            for name in names:
                inside.profile(app, tasks, name, 100, sys.stdout)


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
