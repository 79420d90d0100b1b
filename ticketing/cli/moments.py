"""An instant on the command line."""

from datetime import UTC, datetime

import click


class Moment(click.ParamType):
    """ISO 8601; without a zone it is UTC, as everything the command line prints."""

    name = "instant"

    def convert(self, value, param, ctx):
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no instant; it should look like 2026-05-04T09:00Z.", param, ctx)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        try:
            return moment.astimezone(UTC).replace(microsecond=0)
        except OverflowError:
            self.fail(f"{value!r} is out of range.", param, ctx)


MOMENT = Moment()
