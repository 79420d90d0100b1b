"""One client at a time, product and floor by turns: what an answer costs, in time and in processor time."""

import gzip
import statistics
import time
from dataclasses import dataclass, field

from tests.bench.client import Browser, Connection
from tests.bench.servers import Server
from tests.bench.tasks import TARGETS, Tasks, new_floor_ticket

WARM_UP = 6


@dataclass(slots=True)
class Block:
    """Some requests in a row."""

    times_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0  # of one request
    body: bytes = b""


@dataclass(slots=True)
class Measured:
    """A task on one desk over all rounds; each round has a product block and the floor's, taken round it."""

    size: int
    name: str
    product: list[Block] = field(default_factory=list)
    floor: list[Block] = field(default_factory=list)
    statements: int | None = None

    def p(self, share: float) -> float:
        return percentile([ms for block in self.product for ms in block.times_ms], share)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(block.cpu_ms for block in self.product)

    @property
    def floor_cpu_ms(self) -> float:
        return statistics.median(block.cpu_ms for block in self.floor)

    @property
    def cpu_ratio(self) -> float:
        """Median over the rounds of the ratio within a round."""
        return statistics.median(a.cpu_ms / b.cpu_ms for a, b in zip(self.product, self.floor, strict=True))

    @property
    def time_ratio(self) -> float:
        pairs = zip(self.product, self.floor, strict=True)
        return statistics.median(percentile(a.times_ms, 0.5) / percentile(b.times_ms, 0.5) for a, b in pairs)

    @property
    def body(self) -> bytes:
        return self.product[-1].body

    @property
    def gzipped(self) -> int:
        return len(gzip.compress(self.body, 6))


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Pair:
    """Product and floor on one desk, both serving."""

    def __init__(self, tasks: Tasks, product: Server, floor: Server):
        self.tasks, self.product, self.floor = tasks, product, floor
        self.floor_made = 0

    def measure(self, name: str, count: int) -> tuple[Block, Block]:
        """Half of the floor's requests come before the product's, half after: a slow spell hits both."""
        floor_count = max(2, count // 2)
        before = self._floor_block(TARGETS[name].floor, floor_count)
        block = self._block(self.product, lambda connection, n: self.tasks.ask(name, connection, n), count)
        after = self._floor_block(TARGETS[name].floor, floor_count)
        both = Block(before.times_ms + after.times_ms, (before.cpu_ms + after.cpu_ms) / 2, after.body)
        return block, both

    def _floor_block(self, name: str, count: int) -> Block:
        return self._block(self.floor, lambda connection, n: self._ask_floor(name, connection, n), count)

    def _ask_floor(self, name: str, connection: Connection, count: int):
        browser = Browser(self.floor.port)
        for _ in range(count):
            self.floor_made += 1
            request = browser.get("/board") if name == "board" else new_floor_ticket(browser, self.floor_made)
            yield connection.ask(request)

    def _block(self, server: Server, ask, count: int) -> Block:
        connection = Connection(server.port)
        for _ in ask(connection, min(WARM_UP, count)):
            pass
        block = Block()
        cpu = server.cpu_ms()
        started = time.perf_counter()
        for answer in ask(connection, count):
            ended = time.perf_counter()
            block.times_ms.append((ended - started) * 1000)
            block.body = answer.body
            started = time.perf_counter()
        block.cpu_ms = (server.cpu_ms() - cpu) / count
        connection.close()
        return block


def run_rounds(pairs: dict[int, Pair], names: list[str], rounds: int, counts: dict[str, int], tell) -> list[Measured]:
    """Every task on every desk, round after round, desks beside one another."""
    found = {(size, name): Measured(size, name) for name in names for size in pairs}
    for turn in range(rounds):
        tell(f"Round {turn + 1} of {rounds}")
        for name in names:
            for size, pair in pairs.items():
                product, floor = pair.measure(name, counts[name])
                found[size, name].product.append(product)
                found[size, name].floor.append(floor)
    return list(found.values())
