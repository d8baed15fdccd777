"""Lists of other countries, each with columns and errors of its own; the linkage is tried on them, never tuned to
them."""

from importlib import import_module

from simulation.population.locales.list_shape import TRUTH, Locale, Table, tables

__all__ = ["CODES", "TRUTH", "Locale", "Table", "locale", "make"]

CODES = ("en_AU", "en_US", "en_GB", "de_DE", "es_MX", "ar", "zh", "small", "pt_BR", "opaque", "fr_FR")


def locale(code: str) -> Locale:
    """One of CODES; another raises ValueError."""
    if code not in CODES:
        raise ValueError(f"there is no locale {code}: choose one of {', '.join(CODES)}")
    chosen: Locale = import_module(f"{__name__}.{code.lower()}").LOCALE
    return chosen


def make(code: str, count: int, seed: int) -> tuple[Table, ...]:
    """One file, or two, of at least `count` records in all (a household is never cut), the same for the same seed."""
    return tables(locale(code), count, seed)
