"""The `flask` command line: one module per group; parse, call one function, print."""

from functools import wraps
from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from ticketing.cli.sentences import Refused

# Each is the name of a module here and of its command.
COMMANDS = (
    "init", "users", "demo", "tickets", "board", "sla", "outbox", "report", "recurrence", "search", "embed", "doctor",
)  # fmt: skip


def register(app: Flask) -> None:
    app.cli = Commands(app.cli.name, commands=app.cli.commands)


class Commands(AppGroup):
    """Loads a command's module when it is asked for: cron starts one every minute, and the web needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS and name not in self.commands:
            command = getattr(import_module(f"ticketing.cli.{name}"), name)
            _tell_troubles(command)
            self.add_command(command)
        return super().get_command(ctx, name)


def _tell_troubles(command: click.Command) -> None:
    """What the surroundings lack is a sentence, not a trace: no tables yet, no database, a folder for a file."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _tell_troubles(one)
    elif not hasattr(command.callback, "tells_troubles"):
        command.callback = _told(command.callback)


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
