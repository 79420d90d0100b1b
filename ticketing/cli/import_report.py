"""An import's report, as people read it and as a file that names every line."""

import csv

import click

from ticketing.jobs.transfer.report import Note, Report

CODES = {
    "required": "must not be empty",
    "too_long": "is too long",
    "unknown_value": "is not a known value",
    "not_a_key": "is not a ticket's key such as T-142",
    "not_an_email": "is not an e-mail address",
    "not_an_instant": "is not an instant such as 2026-05-04T09:00:00Z",
    "not_a_number": "is not a number",
    "not_an_amount": "is not an amount",
    "not_a_currency": "is not a currency such as EUR",
    "not_an_address": "is not an IP address",
    "not_json": "is not JSON",
    "not_a_text": "is not a text",
    "not_an_object": "is not an object",
    "not_a_list": "is not a list",
    "not_true_or_false": "is neither true nor false",
    "unknown_field": "is not a detail of this type of ticket",
    "unwritable_characters": "holds bytes that are no text",
    "wrong_number_of_cells": "has another number of cells than the header",
    "broken_quotes": "has a quote that does not end or does not begin",
    "incomplete": "lacks a part",
    "no_such_comment": "names a comment that is not there",
    "not_closed": "is given, but the ticket is not closed",
    "closed": "is given, but the ticket is closed",
    "before_created_at": "is earlier than created_at",
    "differs_from_the_present_ticket": "differs from the ticket that is here already",
    "imported_from_other_rows": "was imported before, from other rows than these",
    "left_out_for_its_bad_rows": "is left out whole: one of its rows was refused",
    "the_database_refused": "was refused by the database",
}
_SHOWN = 12


class Teller:
    """Prints each refusal when it comes, and writes every note to a CSV file if one was asked for."""

    def __init__(self, report_file):
        self.writer = report_file and csv.writer(report_file, lineterminator="\n")
        if self.writer:
            self.writer.writerow(("line", "what", "ticket", "field", "value", "became"))

    def __call__(self, note: Note) -> None:
        if self.writer:
            self.writer.writerow((note.line, note.what, note.ticket, note.field, note.value, note.became))
        if note.what == "refused":
            value = f" ({note.value})" if note.value else ""
            ticket = f" {note.ticket}" if note.ticket else ""
            click.echo(f"line {note.line}:{ticket} {note.field}{value} {CODES.get(note.became, note.became)}", err=True)


def show(report: Report) -> None:
    """The outcome per field: every distinct value when they are few, else how many there were."""
    for what in ("mapped", "defaulted"):
        fields = sorted({name for kind, name, _, _ in report.notes if kind == what})
        for name in fields:
            _show_field(report, what, name)
    click.echo(
        f"{report.created} created with {report.events} events, {report.unchanged} unchanged, {report.refused} refused."
    )


def _show_field(report: Report, what: str, name: str) -> None:
    found = {key: count for key, count in report.notes.items() if key[:2] == (what, name)}
    if len(found) > _SHOWN:
        total = sum(found.values())
        outcomes = {key[3] for key in found}
        became = f"{len(outcomes)} values" if len(outcomes) > 1 else outcomes.pop()
        click.echo(f"{what} {name}: {len(found)} different values → {became} ({total} times; --report names each line)")
        return
    for key, count in sorted(found.items(), key=lambda pair: -pair[1]):
        value = f"“{key[2]}” " if key[2] else ""
        click.echo(f"{what} {name}: {value}→ {key[3]} ({count} times, first in line {report.first_lines[key]})")
