"""What a search shows of the tickets it found: its words in their titles, and a piece of the text with the rest."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from ticketing.queries.search_snippets import Runs, marked, snippet
from ticketing.queries.search_words import read_words

_TEXTS = ("facts", "description", "said", "noted")  # columns of queue.load_page and tickets.reported_by


class Marks:
    """Asked for each row of a result. User text is escaped; the marks are the only markup."""

    def __init__(self, text: str, words_of: Iterable[str] = _TEXTS):
        self._words, self._names = read_words(text), tuple(words_of)

    def title(self, row) -> Markup:
        return _markup(marked(row.title, self._words))

    def piece(self, row) -> tuple[str, Markup] | None:
        """The name of a column, and the piece of it that shows best why the ticket was found."""
        texts = {name: getattr(row, name) or "" for name in self._names}
        found = snippet(texts, self._words, row.title)
        return found and (found[0], _markup(found[1]))


def _markup(runs: Runs) -> Markup:
    if len(runs) == 1 and not runs[0][1]:  # most titles
        return escape(runs[0][0])
    return Markup("".join([f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in runs]))
