"""The `flask` command line: one module per group; parse, call one function, print."""

from flask import Flask

from ticketing.cli.board import board
from ticketing.cli.demo import demo
from ticketing.cli.init import init
from ticketing.cli.tickets import tickets
from ticketing.cli.users import users

COMMANDS = [init, users, demo, tickets, board]


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
