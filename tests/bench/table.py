"""The numbers as one table, each beside what it must be."""

import statistics

from tests.bench.check import Checked
from tests.bench.crowd import Crowd
from tests.bench.rounds import Measured
from tests.bench.tasks import NAMES, TARGETS

MEMORY_MUST, MEMORY_AIM = 130, 100
CREATES_MUST = 350
CHECK_MUST, CHECK_AIM, CHECK_GROWTH = 25, 10, 1.5
IDLE_MUST_MS, COMMAND_MUST_MS = 5, 1000


def answers(measured: list[Measured]) -> str:
    head = (
        "| | tickets | p50 ms | p95 ms | CPU ms | floor CPU ms | CPU ratio | p50 ratio | must | SQL | kB | gzip kB | |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    )
    return "\n".join([*head, *(_line(one) for one in measured)])


def _line(one: Measured) -> str:
    target = TARGETS[one.name]
    statements = "" if one.statements is None else f"{one.statements}"
    if target.statements and one.statements is not None:
        statements += f" ≤ {target.statements}"
    kilobytes = f"{len(one.body) / 1000:.0f}" + (f" ≤ {target.size_kb}" if target.size_kb else "")
    gzipped = f"{one.gzipped / 1000:.1f}" + (f" ≤ {target.gzip_kb}" if target.gzip_kb else "")
    cells = (
        NAMES[one.name], f"{one.size:,}", f"{one.p(0.5):.1f}", f"{one.p(0.95):.1f}", f"{one.cpu_ms:.2f}",
        f"{one.floor_cpu_ms:.2f}", f"{one.cpu_ratio:.1f}×", f"{one.time_ratio:.1f}×", f"≤ {target.must:g}×", statements,
        kilobytes, gzipped, verdict(one),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def verdict(one: Measured) -> str:
    target = TARGETS[one.name]
    misses = []
    if one.cpu_ratio > target.must:
        misses.append("CPU")
    if target.statements and (one.statements or 0) > target.statements:
        misses.append("SQL")
    if target.size_kb and len(one.body) > target.size_kb * 1000:
        misses.append("size")
    if target.gzip_kb and one.gzipped > target.gzip_kb * 1000:
        misses.append("gzip")
    if misses:
        return f"**misses: {', '.join(misses)}**"
    return "meets aim" if one.cpu_ratio <= target.aim else "meets must"


def growth(measured: list[Measured]) -> str:
    """How the ratio to the floor grows from the smallest desk to the largest; the floor takes out the machine."""
    sizes = sorted({one.size for one in measured})
    if len(sizes) < 2:
        return ""
    low, high = sizes[0], sizes[-1]
    ratio = {(one.name, one.size): one.cpu_ratio for one in measured}
    lines = [f"| | CPU growth {low:,} → {high:,} | must to a million | |", "|---|--:|--:|---|"]
    for name in dict.fromkeys(one.name for one in measured):
        grown, most = ratio[name, high] / ratio[name, low], TARGETS[name].growth
        lines.append(f"| {NAMES[name]} | {grown:.2f}× | ≤ {most}× | {'flat' if grown <= most else '**grows**'} |")
    return "\n".join(lines)


def checked(found: list[Checked]) -> str:
    """The check of what is due, and of nothing; the last line says what a hundred times as many clocks change."""
    if not found:
        return ""
    lines = ["| the SLA check | clocks | due: CPU ms | floor CPU ms | CPU ratio | must | wall ms | nothing due, ms "
             "| must | as a command, s | must | |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"]  # fmt: skip
    for one in found:
        cpu, floor, wall, idle, command = map(
            statistics.median, (one.cpu_ms, one.floor_ms, one.wall_ms, one.idle_ms, one.command_ms)
        )
        misses = [name for name, value, most in (("CPU", one.ratio, CHECK_MUST), ("idle", idle, IDLE_MUST_MS),
                                                 ("command", command, COMMAND_MUST_MS)) if value > most]  # fmt: skip
        said = f"**misses: {', '.join(misses)}**" if misses else "meets aim" if one.ratio <= CHECK_AIM else "meets must"
        cells = (
            "due clocks", f"{one.size:,}", f"{cpu:.1f}", f"{floor:.2f}", f"{one.ratio:.1f}×", f"≤ {CHECK_MUST}×",
            f"{wall:.0f}", f"{idle:.1f}", f"≤ {IDLE_MUST_MS}", f"{command / 1000:.2f}",
            f"≤ {COMMAND_MUST_MS / 1000:.1f}", said,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    few, many = found[0], found[-1]
    if many is not few:
        grown = statistics.median(b / a for a, b in zip(few.wall_ms, many.wall_ms, strict=True))
        said = "flat" if grown <= CHECK_GROWTH else "**grows**"
        lines.append(f"\nThe same work among {many.size:,} clocks took {grown:.2f} times as long as among {few.size:,} "
                     f"(must: ≤ {CHECK_GROWTH}): {said}.")  # fmt: skip
    return "\n".join(lines)


def crowds(found: list[tuple[int, Crowd]]) -> str:
    if not found:
        return ""
    lines = ["| at once | tickets | clients | a second | CPU ms | p50 ms | p95 ms | errors | |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|--:|---|")
    for size, crowd in found:
        slow = crowd.name == "create" and crowd.clients == 8 and crowd.per_second < CREATES_MUST
        said = "**errors**" if crowd.errors else f"**misses: {CREATES_MUST} a second**" if slow else "meets must"
        if crowd.name not in ("create", "move"):
            said = "" if not crowd.errors else said
        cells = (
            crowd.name, f"{size:,}", str(crowd.clients), f"{crowd.per_second:.0f}", f"{crowd.cpu_ms:.2f}",
            f"{crowd.p(0.5):.0f}", f"{crowd.p(0.95):.0f}", str(crowd.errors), said,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
        if crowd.example:
            lines.append(f"\n    {crowd.example}\n")
    return "\n".join(lines)


def memory(found: dict[int, tuple[float, float]]) -> str:
    lines = ["| memory, master and 2 workers | after the first requests, MB | at the end, MB | must | |"]
    lines.append("|---|--:|--:|--:|---|")
    for size, (first, last) in found.items():
        said = "meets aim" if last <= MEMORY_AIM else "meets must" if last <= MEMORY_MUST else "**misses**"
        lines.append(f"| {size:,} tickets | {first:.0f} | {last:.0f} | ≤ {MEMORY_MUST} | {said} |")
    return "\n".join(lines)
