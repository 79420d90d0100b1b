"""gunicorn as it runs in earnest, and what the kernel knows of its processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 40


# The floor has the product's kind of workers, and nothing else of its settings.
PRODUCT = ("--config", str(ROOT / "gunicorn.conf.py"))
FLOOR = (
    "--config",
    os.devnull,
    "--worker-class",
    "gthread",
    "--threads",
    "4",
    "--keep-alive",
    "5",
    "--no-control-socket",
)


class Server:
    """One application behind gunicorn with two workers, on a port of its own, its output in `log`."""

    def __init__(self, application: str, log: Path, settings: tuple[str, ...], **environ: str):
        self.port = _free_port()
        self.log = log
        place = ("--bind", f"127.0.0.1:{self.port}", "--workers", "2")
        command = [sys.executable, "-m", "gunicorn", *settings, *place, application]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=clean_environ() | environ, stdout=out, stderr=out)

    def wait(self) -> "Server":
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at once:\n{self.log.read_text()[-2000:]}")
            if len(self.workers()) == 2 and _listens(self.port):
                return self
            time.sleep(0.1)
        raise RuntimeError(f"the server is not there after {READY_WITHIN_S} s:\n{self.log.read_text()[-2000:]}")

    def workers(self) -> list[int]:
        master = self.process.pid
        return [int(number) for number in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def cpu_ms(self) -> float:
        """Processor time of the workers so far, of all their threads, to the nanosecond."""
        total = 0
        for worker in self.workers():
            for task in Path(f"/proc/{worker}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e6

    def memory_mb(self) -> float:
        """PSS of master and workers as if they were alone on the machine.

        What only they map is theirs; pages that they share, with one another or with other
        Pythons that happen to run, are counted once.
        """
        own, shared = 0, 0
        for process in (self.process.pid, *self.workers()):
            numbers = _rollup(process)
            private = numbers["Private_Clean"] + numbers["Private_Dirty"]
            own += private
            shared = max(shared, numbers["Rss"] - private)
        return (own + shared) / 1024

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _rollup(process: int) -> dict[str, int]:
    numbers = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        numbers[name] = int(rest.split()[0])
    return numbers


def clean_environ() -> dict[str, str]:
    """The environment without what somebody has set for a desk of their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TICKETING_", "FLASK_"))}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
