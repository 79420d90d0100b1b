"""Tickets on the command line: T-142."""

import click

from ticketing.jobs.transfer.record import read_key


class TicketKey(click.ParamType):
    """The key of a ticket, as its number."""

    name = "ticket"

    def convert(self, value, param, ctx):
        if isinstance(value, int):
            return value
        try:
            return read_key(value)
        except ValueError:
            self.fail(f"{value!r} is no key of a ticket; it should look like T-142.", param, ctx)


TICKET_KEY = TicketKey()
