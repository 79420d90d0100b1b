"""What can be wrong with a file or a row of it, in codes; the command line writes the sentences."""


class Unreadable(Exception):
    """The file as a whole is not what it was said to be: nothing after this point can be read."""

    def __init__(self, code: str, line: int | None = None, **facts):
        super().__init__(code)
        self.code, self.line, self.facts = code, line, facts


class RowRefused(Exception):
    """One row (or one incident) that is left out: which field, why, and what stood there."""

    def __init__(self, field: str, code: str, value: object = None, ticket: str = ""):
        super().__init__(f"{field}: {code}")
        self.field, self.code, self.value, self.ticket = field, code, value, ticket
