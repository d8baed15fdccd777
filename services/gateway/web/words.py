"""What a person reads: texts, names, numbers and times in a language and a zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from contracts import codes
from services.gateway.web import vocabulary
from services.gateway.web.languages import Language
from services.gateway.web.zones import WIB, WIT, WITA, abbreviation


@dataclass(frozen=True, slots=True)
class Words:
    """Of one person: the language chosen, and the zone of the office."""

    language: Language
    zone: str

    # -- texts

    def text(self, message: str) -> str:
        return self.language.gettext(message)

    def problem(self, code: str) -> str:
        """What a refusal code says."""
        return self.text(vocabulary.PROBLEMS.get(code, vocabulary.UNKNOWN_PROBLEM))

    def label(self, kind: str, value: str) -> str:
        """The word for a value of a closed list: `state`, `severity`, `resolution`, `role`, `purpose`."""
        return self.text(vocabulary.LABELS[kind].get(value, value))

    # -- names of the code lists

    def organisation(self, code: str) -> str:
        listed = codes.organisations().get(code)
        if listed is None:
            return code
        return listed.name_id if self.language.code == "id" else listed.name_en

    def alert_type(self, code: str) -> str:
        listed = codes.alert_types().get(code)
        if listed is None:
            return code
        return listed.name_id if self.language.code == "id" else listed.name_en

    def place(self, region: str | None, country: str | None) -> str:
        """A region of Indonesia, or else a country; empty where neither is known."""
        if region and region in codes.regions():
            return codes.regions()[region].name
        return self.country(country) if country else ""

    def country(self, code: str) -> str:
        return str(self.language.locale.territories.get(code, code))

    # -- numbers and times

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.language.locale)

    def signed(self, value: float) -> str:
        """With its sign and one decimal: +14.1, −21.2."""
        return f"{'−' if value < 0 else '+'}{format_decimal(abs(value), '0.0', locale=self.language.locale)}"

    def percent(self, share: float) -> str:
        return format_percent(share, locale=self.language.locale)

    def time(self, at: datetime | str) -> str:
        """Hours and minutes with the zone: 12.03 WIB, 12:03 UTC+8."""
        instant = _instant(at)
        return f"{self._format(instant, 'HH.mm', 'HH:mm')} {abbreviation(instant, self.zone)}"

    def moment(self, at: datetime | str, now: datetime | None = None) -> str:
        """A day and a time; of today the time alone."""
        instant, today = _instant(at), self._local(now or datetime.now(UTC)).date()
        if self._local(instant).date() == today:
            return self.time(instant)
        return f"{self._format(instant, 'd MMM y', 'd MMM y')}, {self.time(instant)}"

    def occurred(self, moment: Mapping[str, Any]) -> str:
        """When something happened, as exactly as that is known: a moment, or a day, month or year of whoever said it.

        `moment` has `at` (UTC), `offset` (minutes) and `precision`, as in the answers of /v1.
        """
        if moment["precision"] == "instant":
            return self.moment(moment["at"])
        local = _instant(moment["at"]).astimezone(timezone(timedelta(minutes=moment["offset"])))
        pattern = {"year": "y", "month": "MMMM y"}.get(moment["precision"], "d MMM y")
        return format_date(local.date(), pattern, locale=self.language.locale)

    def period(self, text: str) -> str:
        """A day, a month or a year as text: 2026-03-01, 2026-03, 2026."""
        parts = [int(part) for part in text.split("-")]
        first = date(*(*parts, 1, 1)[:3])
        pattern = {1: "y", 2: "MMMM y"}.get(len(parts), "d MMM y")
        return format_date(first, pattern, locale=self.language.locale)

    def midnight(self, day: str) -> datetime:
        """The first instant of a day (2026-03-01) in the zone."""
        return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(self.zone))

    def today(self) -> str:
        """The day in the zone, as forms have it: 2026-03-01."""
        return self._local(datetime.now(UTC)).date().isoformat()

    def zone_name(self, zone: str) -> str:
        """WIB, WITA or WIT, and elsewhere the city and its distance from UTC: Singapore (UTC+8)."""
        short, city = abbreviation(datetime.now(UTC), zone), zone.rpartition("/")[2].replace("_", " ")
        return f"{short} ({city})" if zone in (WIB, WITA, WIT) else f"{city} ({short})"

    def day(self, at: datetime | str) -> str:
        """A day: 3 Mar 2026."""
        return self._format(_instant(at), "d MMM y", "d MMM y")

    def span(self, seconds: float) -> str:
        """A length of time in its largest two units: 1 h 5 min."""
        minutes = int(abs(seconds)) // 60
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        units = ((days, self.text("d")), (hours, self.text("h")), (minutes, self.text("min")))
        parts = [f"{count} {unit}" for count, unit in units if count]
        return " ".join(parts[:2]) or f"0 {self.text('min')}"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def _format(self, at: datetime, indonesian: str, english: str) -> str:
        pattern = indonesian if self.language.code == "id" else english
        return format_datetime(self._local(at), pattern, locale=self.language.locale)


def _instant(at: datetime | str) -> datetime:
    """Times of /v1 are ISO 8601 in UTC."""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
