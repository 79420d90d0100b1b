"""What the rules say when they say no. Codes and facts; the sentences are templates' work."""


class Refusal(Exception):
    """The domain refuses an act. `code` is stable and machine-readable."""

    def __init__(self, code: str, **facts):
        super().__init__(code)
        self.code = code
        self.facts = facts


class IllegalMove(Refusal):
    """The table has no such move from here (409)."""


class Stale(Refusal):
    """Somebody else was faster: the shown version is not the present one (409)."""


class Conflict(Refusal):
    """The present state does not allow the act, whoever asks (409)."""


class NotAllowed(Refusal):
    """A legal act that this person may not do (403)."""


class Invalid(Refusal):
    """Fields that are missing or hold an unknown value (422): `errors` maps a field to a code."""

    def __init__(self, errors: dict[str, str]):
        super().__init__("invalid", errors=errors)
        self.errors = errors

    @property
    def missing(self) -> list[str]:
        return [field for field, code in self.errors.items() if code == "required"]
