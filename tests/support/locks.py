"""A lock between the processes of one test run."""

import time
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60


@contextmanager
def held(path: Path):
    """Hold `path` for the block; whoever comes second waits.

    Made of an exclusive create, so that it works on every system pytest runs on.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            path.touch(exist_ok=False)
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} was held for {PATIENCE} seconds") from None
            time.sleep(0.05)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
