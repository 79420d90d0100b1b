"""What is asked of the servers, and what the answers must be.

A task makes requests one after the other; each knows the status it must get, so that a
fast error never counts as a fast answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.client import Answer, Browser, Connection
from tests.bench.data import Desk
from ticketing.jobs.demo.world import PASSWORD

VIEWER = "farah@desk.example"  # an engineer: what she may see and move is not everything
TITLE = "Trustera payouts stay pending for German accounts"
WHY = "The finding does not hold; the provider confirms the old key."


@dataclass(frozen=True, slots=True)
class Target:
    """What performance must reach: CPU as a multiple of a floor, statements, bytes."""

    floor: str
    must: float
    aim: float
    statements: int | None = None
    size_kb: int | None = None
    gzip_kb: int | None = None
    growth: float = 1.15


TARGETS = {
    "board": Target("board", 4, 2.5, 12, 220, 22),
    "queue": Target("board", 3, 2, 8),
    "ticket": Target("board", 2, 1.5, 10, growth=1.1),
    "create": Target("create", 5, 3),
    "move": Target("create", 5, 3, growth=1.1),
    "search-rare": Target("board", 3, 2, growth=1.5),
    "search-common": Target("board", 3, 2, growth=1.5),
}
NAMES = {
    "board": "board, 7 × 30 cards, whole page",
    "queue": "queue, 30 rows",
    "ticket": "ticket with 10 entries",
    "create": "create",
    "move": "move by drag",
    "search-rare": "search, rare word, newest 30",
    "search-common": "search, common word, newest 30",
}


class Drags:
    """Tickets that go from diagnostics to correction and back, each with its present version."""

    def __init__(self, browser: Browser, tickets: list[tuple[str, int]]):
        self.browser = browser
        self.tickets = [[key, version, "diagnostics"] for key, version in tickets]
        self.next = 0

    def request(self) -> bytes:
        key, version, status = self.tickets[self.next]
        fields = {"ticket": key, "from": status, "to": _other(status), "version": version, "query": ""}
        if status == "correction":
            fields["why"] = WHY
        return self.browser.post_as_htmx("/board/moves", **fields)

    def arrived(self, answer: Answer) -> bool:
        """Note where the ticket is now. False if it did not move."""
        ticket = self.tickets[self.next]
        self.next = (self.next + 1) % len(self.tickets)
        if answer.status != 200:
            return False
        ticket[1], ticket[2] = ticket[1] + 1, _other(ticket[2])
        return True


def _other(status: str) -> str:
    return "correction" if status == "diagnostics" else "diagnostics"


class Tasks:
    """The tasks of one desk, for one person who is signed in."""

    def __init__(self, desk: Desk, browser: Browser):
        self.desk, self.browser = desk, browser
        own = [(key, version) for email, key, version in desk.movable if email == VIEWER]
        self.drags = Drags(browser, own[:20])
        self.made = 0
        self._unfold_closed()

    def ask(self, name: str, connection: Connection, count: int) -> Iterator[Answer]:
        """The answers to `count` requests of a task. Raises when one is not what it must be."""
        for turn in range(count):
            answer = connection.ask(self.request(name, turn))
            expected = {"create": 303}.get(name, 200)
            moved = self.drags.arrived(answer) if name == "move" else True
            if answer.status != expected or not moved:
                raise RuntimeError(f"{name}: {answer.status} instead of {expected}\n{answer.text[:1500]}")
            yield answer

    def request(self, name: str, turn: int) -> bytes:
        desk, get = self.desk, self.browser.get
        match name:
            case "board" | "queue":
                return get(f"/{name}")
            case "ticket":
                return get(f"/tickets/{desk.ten_entries[turn % len(desk.ten_entries)]}")
            case "search-rare":
                return get(f"/queue?q={desk.rare}&sort=-created")
            case "search-common":
                return get(f"/queue?q={desk.common}&sort=-created")
            case "create":
                self.made += 1
                return new_ticket(self.browser, self.made)
            case "move":
                return self.drags.request()
        raise ValueError(name)

    def _unfold_closed(self) -> None:
        """All seven columns with their cards; Closed is folded until somebody opens it."""
        connection = self.browser.connect()
        answer = connection.ask(self.browser.post_as_htmx("/board/columns/closed/collapse", folded="0"))
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"the Closed column did not open: {answer.status}")


def new_ticket(browser: Browser, number: int) -> bytes:
    """The form as the page sends it when nobody chose a file."""
    return browser.post(
        "/tickets",
        csrf_token=browser.token,
        title=f"{TITLE}, case {number}",
        description="Since 09:40. Trace 7f3a. Retries do not help.",
        type="payment_issue",
        category="payment_processing",
        priority="high",
        payment_system="Trustera",
        transaction_id=f"PNX-{number:05d}",
        amount="120.00",
        currency="EUR",
    )


def new_floor_ticket(browser: Browser, number: int) -> bytes:
    return browser.post("/tickets", title=f"{TITLE}, case {number}", priority="high")


def viewer(port: int, email: str = VIEWER) -> Browser:
    return Browser(port).sign_in(email, PASSWORD)
