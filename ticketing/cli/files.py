"""Files that commands write: whole or not at all."""

from pathlib import Path
from typing import IO

import click


def open_output(path: str, mode: str, encoding: str | None = None) -> IO:
    """A context manager. A file is put in place when it is complete; - and what is no plain file (a pipe, a device)
    is written as it comes, for a new file in its place would take it away from everybody."""
    there = Path(path)
    whole = path != "-" and (there.is_file() or not there.exists())
    return click.open_file(path, mode, encoding=encoding, atomic=whole)
