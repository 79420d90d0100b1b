"""Commands that stay, for containers without cron: the same work every so often, whatever becomes of one turn."""

import time
from collections.abc import Callable
from typing import NoReturn

import click

from ticketing.extensions import db


def stay(every_s: int, turn: Callable[[], object], what: str) -> NoReturn:
    """Do the turn every so many seconds. One that fails is told of, as `what` broke off, and the next comes all the
    same: a busy or absent database is no reason to stop."""
    while True:
        begun = time.monotonic()
        try:
            turn()
        except Exception as problem:
            db.session.remove()
            click.echo(f"{what} broke off: {type(problem).__name__}: {problem}", err=True)
        time.sleep(max(0.0, every_s - (time.monotonic() - begun)))
