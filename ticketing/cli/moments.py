"""An instant on the command line."""

from datetime import datetime

import click

from ticketing.rules.instants import read_instant


class Moment(click.ParamType):
    """ISO 8601; without a zone it is UTC, as everything the command line prints."""

    name = "instant"

    def convert(self, value, param, ctx) -> datetime:
        try:
            return value if isinstance(value, datetime) else read_instant(value)
        except ValueError:
            should = "is not a day or an instant such as 2026-05-04 or 2026-05-04T09:00Z, from 1970 to 2200"
            self.fail(f"{value!r} {should}.", param, ctx)


MOMENT = Moment()
