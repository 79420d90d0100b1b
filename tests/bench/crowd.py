"""Many clients at once: how many requests a second are answered, and whether any of them fails."""

import selectors
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.client import Answer, Browser, Connection
from tests.bench.data import Desk
from tests.bench.rounds import percentile
from tests.bench.servers import Server
from tests.bench.tasks import Drags, Tasks, new_floor_ticket, new_ticket, viewer


@dataclass(slots=True)
class Crowd:
    """What a crowd got."""

    name: str
    clients: int
    seconds: float = 0.0
    cpu_ms: float = 0.0  # of the server's workers, for one answer
    times_ms: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    example: str = ""

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds

    @property
    def errors(self) -> int:
        """Whatever is neither 2xx nor 3xx, a broken connection included (status 0)."""
        return sum(n for status, n in self.statuses.items() if not 200 <= status < 400)

    def p(self, share: float) -> float:
        return percentile(self.times_ms, share)


@dataclass(slots=True)
class Client:
    connection: Connection
    request: Callable[[], bytes]
    arrived: Callable[[Answer], object] = lambda answer: None
    asked_at: float = 0.0


def run_crowd(name: str, server: Server, clients: list[Client], seconds: float) -> Crowd:
    """Each client asks again as soon as it is answered. One thread serves them all, so it stays light."""
    crowd, selector = Crowd(name, len(clients)), selectors.DefaultSelector()
    cpu = server.cpu_ms()
    started = time.perf_counter()
    for client in clients:
        _ask(client, selector)
    waiting = len(clients)
    while waiting and time.perf_counter() - started < seconds + 60:
        for key, _ in selector.select(timeout=1):
            client = key.data
            done = _take(client, crowd)
            if not done:
                continue
            selector.unregister(key.fileobj)
            if time.perf_counter() - started < seconds:
                _ask(client, selector)
            else:
                waiting -= 1
    crowd.seconds = time.perf_counter() - started
    crowd.cpu_ms = (server.cpu_ms() - cpu) / max(1, len(crowd.times_ms))
    if waiting:
        crowd.statuses[0] += waiting  # never answered
    for client in clients:
        client.connection.close()
    return crowd


def _ask(client: Client, selector: selectors.BaseSelector) -> None:
    client.asked_at = time.perf_counter()
    client.connection.send(client.request())
    selector.register(client.connection.socket, selectors.EVENT_READ, client)


def _take(client: Client, crowd: Crowd) -> bool:
    """Read what there is; True when the client got its whole answer, or will never get it."""
    try:
        answer = client.connection.take()
    except (ConnectionError, TimeoutError) as error:
        crowd.statuses[0] += 1
        crowd.example = crowd.example or repr(error)
        client.connection.close()
        return True
    if answer is None:
        return False
    crowd.times_ms.append((time.perf_counter() - client.asked_at) * 1000)
    crowd.statuses[answer.status] += 1
    if answer.status >= 400:
        crowd.example = crowd.example or f"{answer.status}: {answer.text[:500]}"
    client.arrived(answer)
    return True


def creators(server: Server, browsers: list[Browser], count: int) -> list[Client]:
    def client(place: int) -> Client:
        browser, numbers = browsers[place % len(browsers)], iter(range(place * 100_000, (place + 1) * 100_000))
        return Client(Connection(server.port), lambda: new_ticket(browser, next(numbers)))

    return [client(place) for place in range(count)]


def floor_creators(server: Server, count: int) -> list[Client]:
    browser = Browser(server.port)
    return [Client(Connection(server.port), lambda: new_floor_ticket(browser, 1)) for _ in range(count)]


def readers(server: Server, tasks: Tasks, count: int) -> list[Client]:
    """A quarter of them each reads boards, queues, tickets and search results."""

    def client(place: int) -> Client:
        name = ("board", "queue", "ticket", "search-common")[place % 4]
        return Client(Connection(server.port), lambda: tasks.request(name, place))

    return [client(place) for place in range(count)]


def movers(server: Server, desk: Desk, browsers: dict[str, Browser], count: int) -> list[Client]:
    """Each drags a ticket of their own; the last ones of the list, which the rounds have not touched."""
    found = []
    for email, key, version in reversed(desk.movable):
        if email in browsers and len(found) < count and email != next(iter(browsers)):
            drags = Drags(browsers[email], [(key, version)])
            found.append(Client(Connection(server.port), drags.request, drags.arrived))
    return found


def staff(server: Server, desk: Desk, first: str, most: int = 8) -> dict[str, Browser]:
    """Several people who are signed in, the viewer of the rounds first."""
    emails = [first, *dict.fromkeys(email for email, *_ in desk.movable if email != first)]
    return {email: viewer(server.port, email) for email in emails[:most]}
