"""How gunicorn serves the board. Every figure can be moved by the environment."""

import os
from pathlib import Path


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

# Each worker builds its own application after the fork. A database connection opened
# before a fork and used on both sides of it corrupts SQLite files, and a reload
# (SIGHUP) then really reads the new code.
preload_app = False

# A worker proves it is alive by touching a file; on a slow disk that touch can wait
# long enough for a healthy worker to be killed, so it lives in memory where it can.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None

timeout = 60
graceful_timeout = 30
keepalive = 5

# Two applications under one account would fight over the default control socket.
control_socket_disable = True

# Requests are not logged here: GUNICORN_CMD_ARGS="--access-logfile -" shows them.
errorlog = "-"


def when_ready(server):
    """Say where to look, once somebody is listening there."""
    for listener in server.LISTENERS:
        print(f"The board is on {listener}/board (Ctrl-C stops it)", flush=True)
