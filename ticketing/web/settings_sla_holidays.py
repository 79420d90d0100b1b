"""Public holidays of a country as a list to choose from. The library is large and loaded only when somebody asks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ticketing.rules.numbers import whole
from ticketing.rules.sla_calendars import NAME_MAX

YEARS_AHEAD = 5
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SMALL = re.compile(r" (And|Of|The)(?= )")


@dataclass(slots=True)
class Holidays:
    """What was asked for, the choices, and the days found: (ISO date, name)."""

    country: str
    subdivision: str
    first: int
    last: int
    countries: dict[str, str]
    subdivisions: dict[str, str] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)
    days: list[tuple[str, str]] = field(default_factory=list)


def find(values: Mapping, today: date) -> Holidays:
    """The public holidays of the asked country, part of it and years; without a country only the choices."""
    from holidays import country_holidays, registry

    countries = {code: _spaced(name) for name, code, *_more in registry.COUNTRIES.values()}
    years = list(range(today.year, today.year + YEARS_AHEAD + 1))
    first = whole(values.get("from_year"), years[0], years[-1]) or years[0]
    asked_last = whole(values.get("to_year"), years[0], years[-1])
    last = max(first, asked_last) if asked_last else min(first + 1, years[-1])
    country = values.get("country", "")
    asked = Holidays("", "", first, last, dict(sorted(countries.items(), key=lambda one: one[1])), years=years)
    if country not in countries:
        return asked
    kind = type(country_holidays(country))
    asked.country, asked.subdivisions = country, _subdivisions(kind)
    subdivision = values.get("subdivision", "")
    asked.subdivision = subdivision if subdivision in asked.subdivisions else ""
    language = "en_US" if "en_US" in kind.supported_languages else None
    found = country_holidays(
        country, subdiv=asked.subdivision or None, years=range(first, last + 1), language=language
    )  # fmt: skip
    asked.days = [
        (day.isoformat(), name[:NAME_MAX]) for day, name in sorted(found.items()) if first <= day.year <= last
    ]
    return asked


def _subdivisions(kind) -> dict[str, str]:
    """{code: name}; several codes have only themselves for a name."""
    names: dict[str, str] = {}
    for name, code in getattr(kind, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    found = {code: names.get(code, code) for code in kind.subdivisions}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _spaced(name: str) -> str:
    """Bosnia and Herzegovina, of the name of a class."""
    return _SMALL.sub(lambda word: word[0].lower(), _WORDS.sub(" ", name))
