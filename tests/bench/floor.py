"""The floor: the least that Flask, Jinja and SQLite can do for a board and for a new ticket.

No sign-in, no history page, no rules. What the product costs is told as a multiple of this.
"""

import os
import random
import sqlite3
import threading
from pathlib import Path

from flask import Flask, redirect, render_template_string, request

COLUMNS = ("new", "classified", "assigned", "diagnostics", "correction", "solution_check", "closed")
PAGE = 30
_OWNERS = ("Ines Duarte", "Jonas Weber", "Priya Nair", "Yuki Tanabe", "")
_TROUBLES = ("deposits time out at the 3-D Secure step", "slot API returns 502 on launch", "payouts stay pending")

_SCHEMA = """
CREATE TABLE ticket (id INTEGER PRIMARY KEY, status TEXT NOT NULL, title TEXT NOT NULL, priority TEXT NOT NULL,
                     owner TEXT NOT NULL, due INTEGER NOT NULL);
CREATE INDEX ix_board ON ticket (status, due, id);
CREATE TABLE event (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX ix_event ON event (ticket_id, at);
CREATE TABLE kept (status TEXT PRIMARY KEY, n INTEGER NOT NULL);
"""

_PAGE = """<!doctype html><html lang="en"><head><title>Board</title></head><body><main>
{% for status, count, cards in columns %}<section id="{{ status }}"><h2>{{ status }} <span>{{ count }}</span></h2><ul>
{% for id, title, priority, owner, due in cards %}<li class="card" id="card-{{ id }}" data-priority="{{ priority }}">
<span class="key">T-{{ id }}</span><a href="/tickets/T-{{ id }}">{{ title }}</a>
<span class="owner">{{ owner }}</span><time class="due">{{ due }}</time></li>
{% endfor %}</ul></section>
{% endfor %}</main></body></html>"""


def make_database(path: Path, count: int) -> None:
    """`count` tickets, spread over the columns as on a desk that has worked for a while: most are closed."""
    draw = random.Random(count)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=wal")
    connection.executescript(_SCHEMA)
    open_count = min(count * 3 // 5, 300 + count // 10)
    rows = (
        (
            n, COLUMNS[n % 6] if n > count - open_count else "closed", f"{draw.choice(_TROUBLES)}, case {n}",
            draw.choice(("critical", "high", "normal", "low")), draw.choice(_OWNERS), 1_790_000_000 + n * 60,
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    connection.executemany("INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO event (ticket_id, kind, at) SELECT id, 'created', due FROM ticket")
    connection.execute("INSERT INTO kept SELECT status, count(*) FROM ticket GROUP BY status")
    connection.commit()
    connection.close()


def create_app() -> Flask:
    app = Flask(__name__)
    path = os.environ["FLOOR_DATABASE"]
    local = threading.local()

    def database() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(path, isolation_level=None)
            for pragma in ("synchronous=normal", "busy_timeout=10000", "cache_size=-16000"):
                local.connection.execute(f"PRAGMA {pragma}")
        return local.connection

    @app.get("/board")
    def board():
        run = database().execute
        columns = [
            (
                status,
                run("SELECT n FROM kept WHERE status = ?", (status,)).fetchone()[0],
                run(
                    "SELECT id, title, priority, owner, due FROM ticket WHERE status = ? ORDER BY due, id LIMIT ?",
                    (status, PAGE),
                ).fetchall(),
            )
            for status in COLUMNS
        ]
        return render_template_string(_PAGE, columns=columns)

    @app.post("/tickets")
    def create():
        run, form = database().execute, request.form
        run("BEGIN IMMEDIATE")
        made = run(
            "INSERT INTO ticket (status, title, priority, owner, due) VALUES ('new', ?, ?, '', 1790000000)",
            (form["title"], form["priority"]),
        ).lastrowid
        run("INSERT INTO event (ticket_id, kind, at) VALUES (?, 'created', 1790000000)", (made,))
        run("UPDATE kept SET n = n + 1 WHERE status = 'new'")
        run("COMMIT")
        return redirect(f"/tickets/T-{made}", 303)

    return app
