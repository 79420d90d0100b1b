"""Texts as cells: however a spreadsheet takes lines apart, no piece is a formula, and each text comes back."""

import random
import re

import pytest

from ticketing.queries.csv_export import plain_cell, safe_cell

SIGNS = "=+-@'\t\r\n; a,\""


@pytest.mark.parametrize("seed", range(4))
def test_no_piece_begins_a_formula_and_every_text_comes_back(seed):
    rng, marked = random.Random(seed), 0
    for _ in range(5_000):
        text = "".join(rng.choices(SIGNS, k=rng.randrange(9)))
        cell = safe_cell(text)
        assert plain_cell(cell) == text
        assert not any(piece.lstrip(" ").startswith(("=", "+", "-", "@")) for piece in re.split(r"[;\t\r\n]", cell))
        marked += cell != text
    assert marked > 1_000


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Lobby blank", "Lobby blank"), ("a-b; c=d, e+f", "a-b; c=d, e+f"), ("=1", "'=1"), (" =1", " '=1"),
        ("x; =1;-2", "x; '=1;'-2"), ("'twas", "''twas"), ("one\n- two\n  three", "one\n'- two\n  three"),
    ],
)  # fmt: skip
def test_only_what_may_begin_a_formula_gets_a_mark(text, cell):
    assert safe_cell(text) == cell
