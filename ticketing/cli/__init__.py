"""The `flask` command line: one module per group; parse, call one function, print."""

from functools import wraps

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from ticketing.cli.board import board
from ticketing.cli.demo import demo
from ticketing.cli.init import init
from ticketing.cli.sentences import Refused
from ticketing.cli.tickets import tickets
from ticketing.cli.users import users

COMMANDS = [init, users, demo, tickets, board]


def register(app: Flask) -> None:
    for command in COMMANDS:
        _tell_troubles(command)
        app.cli.add_command(command)


def _tell_troubles(command: click.Command) -> None:
    """What the surroundings lack is a sentence, not a trace: no tables yet, no database, a folder for a file."""
    for one in command.commands.values() if isinstance(command, click.Group) else [command]:
        if not hasattr(one.callback, "tells_troubles"):
            one.callback = _told(one.callback)


def _told(callback):
    @wraps(callback)
    def run(*args, **kwargs):
        try:
            return callback(*args, **kwargs)
        except (OperationalError, ProgrammingError) as error:
            said = str(error.orig).strip().splitlines()[0]
            if "no such table" in said or "does not exist" in said:
                said = "The database has no tables of this version yet. Run flask init, or flask db upgrade."
            raise Refused(said) from None
        except (IsADirectoryError, PermissionError, FileNotFoundError) as error:
            raise Refused(f"{error.filename}: {error.strerror}.") from None

    run.tells_troubles = True
    return run
