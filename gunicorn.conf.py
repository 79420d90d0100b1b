"""How gunicorn serves the board. Every figure can be moved by the environment."""

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path

M_MMAP_THRESHOLD = -3  # malloc.h


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SystemExit(f"{name} must be a whole number of at least 1, not {text!r}.")
    return int(text)


def _bind() -> str:
    address = os.environ.get("TICKETING_BIND", "").strip()
    return address or f"127.0.0.1:{_whole_number('PORT', 8000)}"


bind = _bind()
worker_class = "gthread"
workers = _whole_number("TICKETING_WORKERS", 2)
threads = _whole_number("TICKETING_THREADS", 4)

# Built once and shared by the workers after the fork: the code and the templates are most of a worker's memory. No
# database connection is opened before the fork; one used on both sides of it would corrupt an SQLite file. After an
# upgrade restart the service: a reload (SIGHUP) keeps the code that was loaded.
preload_app = True

# A worker proves it is alive by touching a file; on a slow disk that touch can wait
# long enough for a healthy worker to be killed, so it lives in memory where it can.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None

timeout = 60
graceful_timeout = 30
keepalive = 5

# Two applications under one account would fight over the default control socket.
control_socket_disable = True

# What a proxy in front says is believed as TICKETING_PROXY_HOPS says, by the application; gunicorn would believe
# whoever calls from this machine.
forwarded_allow_ips = ""
forwarder_headers = ""

# Requests are not logged here: GUNICORN_CMD_ARGS="--access-logfile -" shows them.
errorlog = "-"


def post_worker_init(worker):
    """Checking a password takes 19 MB for a moment: as blocks of their own they go back to the system afterwards.

    glibc otherwise learns from the first one to keep them, once for each thread.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)
    # A report reads a hundred thousand rows, none of which is garbage: looking through them every 700 took a third of
    # its time.
    gc.set_threshold(50_000, 20, 50)


def pre_fork(server, worker):
    """What exists by now never changes: the collector need not touch it, and touched pages are no longer shared."""
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    """A worker opens its own connections, whatever the master may have done."""
    app = server.app.wsgi()
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose(close=False)


def when_ready(server):
    """Say where to look, once somebody is listening there."""
    for listener in server.LISTENERS:
        print(f"The board is on {listener}/board (Ctrl-C stops it)", flush=True)
