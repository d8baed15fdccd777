"""Comparisons that the hand-written models share: a birth date, a name, a number."""

from collections.abc import Sequence
from typing import Any

from splink import comparison_level_library as levels
from splink import comparison_library as library


def level(sql: str, label: str, frequency: str | None = None) -> dict[str, Any]:
    """A level of its own; `frequency` names the column by whose rarity an agreement counts more."""
    made: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label}
    if frequency:
        made |= {"tf_adjustment_column": frequency, "tf_adjustment_weight": 1.0}
    return made


def of(name: str, *chosen: Any) -> library.CustomComparison:
    """A comparison of these levels, best first; what is missing on either side comes before, all else after them."""
    return library.CustomComparison(
        output_column_name=name, comparison_levels=[*_missing(name), *chosen, levels.ElseLevel()]
    )


def _missing(name: str) -> list[Any]:
    return [levels.NullLevel(name)]


def birth_date(column: str = "dob") -> library.CustomComparison:
    """YYYY-MM-DD as text; 1 January counts as the year alone. Day and month swapped, one slip, a part off."""
    left, right = f"{column}_l", f"{column}_r"
    year = f"substr({left}, 1, 4) = substr({right}, 1, 4)"
    swapped = f"substr({left}, 6, 2) = substr({right}, 9, 2) and substr({left}, 9, 2) = substr({right}, 6, 2)"
    same_day = f"right({left}, 2) = right({right}, 2)"
    coarse = f"(length({left}) < 10 or length({right}) < 10 or {left} like '%-01-01' or {right} like '%-01-01')"
    return of(
        column,
        level(f"{year} and {coarse}", "same year, nothing more known"),
        level(f"{left} = {right}", "same", column),
        level(f"{year} and {swapped}", "day and month swapped"),
        level(f"damerau_levenshtein({left}, {right}) <= 1", "one slip"),
        level(f"{year} and (substr({left}, 6, 2) = substr({right}, 6, 2) or {same_day})", "two parts"),
        level(
            f"abs(try_cast(substr({left}, 1, 4) as int) - try_cast(substr({right}, 1, 4) as int)) <= 1"
            f" and right({left}, 5) = right({right}, 5)",
            "the year before or after",
        ),
        level(year, "same year"),
    )


def name(column: str, thresholds: Sequence[float] = (0.92, 0.85)) -> library.CustomComparison:
    """The same (by its rarity), an initial or the beginning of the other, alike by Jaro-Winkler."""
    left, right = f"{column}_l", f"{column}_r"
    return of(
        column,
        level(f"{left} = {right}", "same", column),
        level(f"jaro_winkler_similarity({left}, {right}) >= {thresholds[0]}", "very alike"),
        level(f"starts_with({left}, {right}) or starts_with({right}, {left})", "beginning"),
        *(level(f"jaro_winkler_similarity({left}, {right}) >= {bound}", f"alike {bound}") for bound in thresholds[1:]),
    )


def number(column: str, slips: int = 1) -> library.CustomComparison:
    """The same, or `slips` apart."""
    left, right = f"{column}_l", f"{column}_r"
    return of(
        column,
        level(f"{left} = {right}", "same", column),
        level(f"damerau_levenshtein({left}, {right}) <= {slips}", "slip"),
    )
