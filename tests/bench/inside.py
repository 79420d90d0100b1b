"""The same requests inside this process: to count SQL statements, and to see where the time goes."""

import signal
import time
from collections import Counter
from contextlib import contextmanager
from io import BytesIO

from sqlalchemy import event

from tests.bench.client import Answer, Browser
from tests.bench.data import Desk
from tests.bench.servers import ROOT
from tests.bench.tasks import Tasks
from tests.support.databases import dispose
from ticketing import create_app
from ticketing.extensions import db
from ticketing.jobs.demo.world import PASSWORD

_NO_STATEMENTS = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")


class Inside:
    """Takes the place of a connection: bytes of a request in, an answer out, no socket between."""

    def __init__(self, app):
        self.app = app

    def ask(self, request: bytes) -> Answer:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, address, _ = first.split(" ")
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": BytesIO(body),
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": "",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.errors": BytesIO(), "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        for line in lines:
            name, _, value = line.partition(": ")
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        got = {}

        def start(status, headers, exc_info=None):
            got["status"] = int(status[:3])
            got["headers"] = {name.lower(): value for name, value in headers}

        chunks = self.app.wsgi_app(environ, start)
        answer = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        return Answer(got["status"], got["headers"], answer)

    def close(self) -> None:
        """As a connection has."""


class InsideBrowser(Browser):
    def __init__(self, app):
        super().__init__(80)
        self.app = app

    def connect(self) -> Inside:
        return Inside(self.app)


@contextmanager
def tasks_inside(desk: Desk, email: str):
    """(app, Tasks) of a desk served in this process."""
    app = create_app({"DATA_DIR": str(desk.data_dir), "SQLALCHEMY_DATABASE_URI": desk.url})
    try:
        yield app, Tasks(desk, InsideBrowser(app).sign_in(email, PASSWORD))
    finally:
        dispose(app)


def count_statements(app, tasks: Tasks, names: list[str]) -> dict[str, list[str]]:
    """The statements of the third request of each task: by then whatever is kept for later is kept."""
    said: list[str] = []

    def hear(_connection, _cursor, statement, _parameters, _context, _many):
        if not statement.upper().startswith(_NO_STATEMENTS):
            said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    counted = {}
    for name in names:
        for _ in tasks.ask(name, Inside(app), 2):
            said.clear()
        said.clear()
        list(tasks.ask(name, Inside(app), 1))
        counted[name] = list(said)
    event.remove(engine, "before_cursor_execute", hear)
    return counted


def profile(app, tasks: Tasks, name: str, count: int, out, lines: int = 45) -> None:
    """Where `count` requests of a task spend their processor time.

    Looked at a few hundred times a second, which costs next to nothing; a tracing profiler
    would make whatever consists of many small calls look worse than it is.
    """
    connection = Inside(app)
    list(tasks.ask(name, connection, 10))
    whole, own = Counter(), Counter()

    def look(_signal, frame):
        place = _place(frame)
        own[place] += 1
        stack = {place}
        while frame := frame.f_back:
            stack.add(_place(frame))
        whole.update(stack)

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    started = time.process_time()
    try:
        list(tasks.ask(name, connection, count))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    spent = (time.process_time() - started) / count * 1000
    print(f"\n{name}: {spent:.2f} ms of CPU a request in this process", file=out)
    for title, found in (("with what it calls", whole), ("by itself", own)):
        print(f"  ms {title}", file=out)
        for place, seen in found.most_common(lines if found is whole else lines // 3):
            print(f"  {seen / own.total() * spent:6.2f}  {place}", file=out)


def _place(frame) -> str:
    code = frame.f_code
    path = code.co_filename.rpartition("site-packages/")[2].removeprefix(f"{ROOT}/")
    return f"{path}:{code.co_firstlineno} {code.co_qualname}"
