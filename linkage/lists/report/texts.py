"""The texts of the report in English and Indonesian, and how numbers are written in them."""

import math
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from linkage.comparing.fields import Kind
from linkage.result import LinkageWarning
from linkage.scoring.deterministic_rules import RULES

Language = Literal["en", "id"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_LEVELS: Mapping[Kind, str] = {
    "name": "name",
    "given": "name",
    "surname": "name",
    "mother": "name",
    "birth": "birth",
    "sex": "sex",
    "nik": "nik",
    "id": "number",
    "phone": "number",
    "email": "email",
    "address": "address",
    "text": "text",
}
_RULE_KEYS = ("same_nik", "same_passport", "same_issuer_number", "shared_identifier")
_KEY_OF_FIELD = re.compile("(two words of|word of|half of) (.+)")
_SWAP_SEPARATORS = str.maketrans(",.", ".,")


class Texts:
    """The texts of one language. Figures are written with its separators: 1,204.5 in English, 1.204,5 in Indonesian."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: str | int) -> str:
        """The text with its {values} filled in; whole numbers get separators. KeyError if there is no such text."""
        filled = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return self._texts[key].format_map(filled) if filled else self._texts[key]

    def number(self, count: int) -> str:
        return self._localised(f"{count:,}")

    def count(self, number: int, thing: Literal["record", "person", "pair"]) -> str:
        """A number of things: `1 person`, `1,204 persons`."""
        return self(f"unit.{thing}" if number == 1 else f"unit.{thing}s", n=number)

    def percent(self, share: float) -> str:
        """A share of 0 to 1 with two significant figures."""
        if math.isnan(share):
            return self("share.unknown")
        hundredths = 100 * share
        if hundredths in (0.0, 100.0):
            return f"{hundredths:.0f}%"
        if hundredths < 0.01:
            return self("share.under", share=self._localised("0.01%"))
        if hundredths > 99.99:
            return self("share.over", share=self._localised("99.99%"))
        figures = 2 if hundredths < 1 or hundredths > 99 else 1
        return self._localised(f"{hundredths:.{figures}f}%")

    def odds(self, probability: float) -> str:
        """A share, below 1% as `1 in 25,000`, with two significant figures."""
        if probability >= 0.01 or probability <= 0:
            return self.percent(probability)
        odds = 1 / probability
        step = 10 ** max(math.floor(math.log10(odds)) - 1, 0)
        return self("share.one_in", n=round(odds / step) * step)

    def probability(self, probability: float) -> str:
        """The probability that a pair is one person, in whole percent; never rounded to certainty."""
        hundredths = 100 * probability
        if hundredths > 99.5:
            return self("share.over", share="99%")
        return self("share.under", share="1%") if hundredths < 0.5 else f"{hundredths:.0f}%"

    def decimal(self, value: float, figures: int = 4) -> str:
        """A number with so many significant figures."""
        return self._localised(f"{value:.{figures}g}")

    def bits(self, weight: float) -> str:
        """A weight with its sign and one decimal."""
        return self._localised(f"{weight:+.1f}".replace("-", "−")) if abs(weight) >= 0.05 else "0"

    def duration(self, seconds: float) -> str:
        if seconds < 59.95:
            return self("unit.seconds", n=self._localised(f"{seconds:.1f}"))
        minutes, rest = divmod(round(seconds), 60)
        return self("unit.minutes", minutes=str(minutes), seconds=f"{rest:02}")

    def moment(self, at: datetime) -> str:
        month = self("page.months").split()[at.month - 1]
        return self("page.date", day=str(at.day), month=month, year=str(at.year), time=at.strftime("%H:%M %Z")).strip()

    def field(self, name: str) -> str:
        """A field of a list by the name that its model has: `id:no_kk` is the column no_kk."""
        prefix, _, column = name.partition(":")
        return column or self._texts.get(f"field.{prefix}", name)

    def level(self, kind: Kind, level: str) -> str:
        """A comparison level in words. One that no text names is shown as the model has it."""
        key = "level.missing.missing" if level == "missing" else f"level.{_LEVELS[kind]}.{level}"
        return self._texts.get(key, level)

    def rule(self, rule: str) -> str:
        """A deterministic rule in words."""
        return self(f"rule.{_RULE_KEYS[RULES.index(rule) - 1]}") if rule in RULES[1:] else rule

    def blocking_key(self, name: str) -> str:
        """A blocking key in words, part by part."""
        return " + ".join(self._key_part(part) for part in name.split(" + "))

    def _key_part(self, part: str) -> str:
        if of_field := _KEY_OF_FIELD.fullmatch(part):
            return self(f"key.{of_field[1]}", field=self.field(of_field[2]))
        return self._texts.get(f"key.{part}") or self.field(part)

    def warning(self, warning: LinkageWarning) -> str:
        key = f"warning.{warning.kind.replace(' ', '_')}"
        return self(key, n=warning.count, key=self.blocking_key(warning.key))

    def _localised(self, figures: str) -> str:
        return figures.translate(_SWAP_SEPARATORS) if self.language == "id" else figures


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All texts of a language by key, such as `summary.title`."""
    content = tomllib.loads(files(__package__).joinpath(f"texts.{language}.toml").read_text(encoding="utf-8"))
    return dict(_flat("", content))


def _flat(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            texts += _flat(f"{prefix}{key}.", value)
        else:
            texts.append((f"{prefix}{key}", str(value)))
    return texts
