"""The tables of docs/populations.md about the lists of other countries, line by line."""

from collections.abc import Iterator
from itertools import groupby

from simulation.population import locales
from simulation.population.locales.list_shape import Locale


def tables() -> Iterator[str]:
    """The tables, from the locales themselves."""
    kinds = [locales.locale(code) for code in locales.CODES]
    yield "| `--locale` | list | columns | records of a person: 1, 2, 3 … |"
    yield "|---|---|---|---|"
    for kind in kinds:
        columns = " · ".join(", ".join(f"`{name}`" for name in header) for header in kind.headers)
        shares = ", ".join(f"{100 * weight / sum(kind.records):.0f}%" for weight in kind.records)
        yield f"| {kind.code} | {kind.about} | {columns} | {shares} |"
    yield ""
    yield "| `--locale` | first records | errors and how many records have them |"
    yield "|---|---|---|"
    for kind in kinds:
        yield f"| {kind.code} | × {kind.first:g} | {'; '.join(_rates(kind))} |"


def _rates(kind: Locale) -> Iterator[str]:
    for field, rates in groupby(kind.rates, key=lambda rate: rate.field):
        shares = ", ".join(f"{rate.kind} {100 * rate.share:.0f}%" for rate in rates)
        yield f"{field.replace('|', ' and ')}: {shares}"
