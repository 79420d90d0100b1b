"""How the texts of mails are put together."""

from flask import current_app
from markupsafe import Markup


def words(text: str, **values) -> str:
    """A text for people as plain text: in a mail the template decides what is escaped, not the translation."""
    plain = {name: Markup(value) if isinstance(value, str) else value for name, value in values.items()}
    return str(current_app.jinja_env.globals["gettext"](text, **plain))


def without_gaps(text: str) -> str:
    """Optional lines leave holes: never two empty lines in a row, one line break at the end."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or lines[place - 1]]
    return "\n".join(kept) + "\n"
