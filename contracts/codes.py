"""The code lists that all services share, read once from `contracts/reference`."""

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal, Protocol, TypeVar

import pycountry
from pydantic import BeforeValidator, TypeAdapter

Severity = Literal["low", "medium", "high", "critical"]
PrivacyClass = Literal["public", "internal", "restricted", "survivor"]
QuestionKind = Literal["yes_no", "scale", "number", "text"]


def _cells(cell: str) -> list[str]:
    return cell.split(";") if cell else []


_Listed = BeforeValidator(_cells)
_Optional = BeforeValidator(lambda cell: cell or None)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An institution; a role with a parameter reads `consular_mission:MY`."""

    code: str
    name_id: str
    name_en: str
    kind: Literal["ministry", "agency", "local_government", "civil_society", "university", "un_agency"]
    level: Literal["national", "province", "regency", "city"]
    region_code: str
    roles: Annotated[frozenset[str], _Listed]


@dataclass(frozen=True, slots=True)
class Region:
    """A Kemendagri region: `ID`, a province `33`, a regency or city `33.07`. Digits differ from BPS codes."""

    code: str
    name: str
    level: Literal["country", "province", "regency", "city"]
    parent: Annotated[str | None, _Optional]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A question of the Migration Governance Indicators; `scale` is answered 0, 0.5 or 1."""

    code: str
    dimension_no: int
    dimension_en: str
    dimension_id: str
    question_en: str
    kind: QuestionKind
    gcm_objective: Annotated[tuple[int, ...], _Listed]
    sdg_target: str
    lead_org: str


@dataclass(frozen=True, slots=True)
class AlertType:
    """A kind of alert; `notify` names organisations by code and others in words, such as `mission for the country`.

    `raised_by` has functions of organisations, or `any`; `names_person` is whether it may name one; `responders` are
    those entries of `notify` that are given the person and the report.
    """

    code: str
    name_en: str
    name_id: str
    trigger: str
    severity: str
    notify: Annotated[tuple[str, ...], _Listed]
    acknowledge_within: str
    first_action_within: str
    legal_or_official_deadline: str
    privacy_class: PrivacyClass
    raised_by: Annotated[frozenset[str], _Listed]
    names_person: bool
    responders: Annotated[tuple[str, ...], _Listed]

    @property
    def initial_severity(self) -> Severity:
        """The severity at raising; for `low to high as date nears` the lowest."""
        return _SEVERITY.validate_python(self.severity.split()[0])

    @property
    def acknowledge_limit(self) -> timedelta | None:
        """Time from raising to acknowledgement; None where the limit counts working days."""
        return _duration(self.acknowledge_within)

    @property
    def first_action_limit(self) -> timedelta | None:
        """Time from raising to the first action; None where it counts days or looks ahead to another date."""
        return _duration(self.first_action_within)


_SEVERITY: TypeAdapter[Severity] = TypeAdapter(Severity)
_DURATION = re.compile(r"(\d+) (min|h)\b")


def _duration(text: str) -> timedelta | None:
    match = _DURATION.match(text)
    if not match:
        return None
    number = int(match[1])
    return timedelta(minutes=number) if match[2] == "min" else timedelta(hours=number)


@cache
def organisations() -> Mapping[str, Organisation]:
    """Every organisation by code, in the order of the list."""
    return _by_code("organisations.csv", TypeAdapter(list[Organisation]))


@cache
def regions() -> Mapping[str, Region]:
    """The country, its provinces, regencies and cities by current code."""
    return _by_code("regions.csv", TypeAdapter(list[Region]))


@cache
def legacy_regions() -> Mapping[str, str]:
    """Current code by legacy code: the Papua regencies and cities re-coded after the province laws of 2022."""
    return MappingProxyType({row["legacy_code"]: row["current_code"] for row in _rows("region_legacy_codes.csv")})


def current_region(code: str) -> str:
    """The code under which a region stands today: a legacy code is another name of the same place."""
    return legacy_regions().get(code, code)


@cache
def mgi_indicators() -> Mapping[str, Indicator]:
    """The national catalogue by code."""
    return _by_code("mgi_indicators.csv", TypeAdapter(list[Indicator]))


@cache
def mgi_catalogue_version() -> str:
    """The national catalogue's content in 12 hexadecimal digits: another wording is another version."""
    rows = [astuple(row) for row in mgi_indicators().values()]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]


@cache
def local_mgi_indicators() -> Mapping[str, Indicator]:
    """The catalogue of a local assessment by code; its lead organisations are those of Central Java."""
    return _by_code("local_mgi_indicators.csv", TypeAdapter(list[Indicator]))


@cache
def alert_types() -> Mapping[str, AlertType]:
    """Every alert type by code."""
    return _by_code("alert_types.csv", TypeAdapter(list[AlertType]))


@cache
def missions(country: str) -> tuple[str, ...]:
    """Codes of the missions serving a country (ISO 3166-1 alpha-2), embassy first; empty where none is listed."""
    return _with_role(f"consular_mission:{country}")


@cache
def respondents() -> tuple[str, ...]:
    """Codes of the national institutions that answer the Migration Governance Indicators."""
    return _with_role("mgi_respondent")


def regency_organisation(region_code: str) -> str | None:
    """The local government of a regency or city, by current region code; None where none is listed."""
    return _regency_organisations().get(region_code)


@cache
def destinations() -> frozenset[str]:
    """Countries a worker can leave for: ISO 3166-1 alpha-2 without ID; HK, MO and TW stand for themselves."""
    return frozenset(country.alpha_2 for country in pycountry.countries) - {"ID"}


def org_topic_code(code: str) -> str:
    """An organisation's code as it stands in topic names: `KAB-33.07` is `kab-33.07`."""
    return code.lower()


@cache
def _regency_organisations() -> Mapping[str, str]:
    return {
        organisation.region_code: organisation.code
        for organisation in organisations().values()
        if organisation.level in ("regency", "city") and "local_government" in organisation.roles
    }


def _with_role(role: str) -> tuple[str, ...]:
    return tuple(organisation.code for organisation in organisations().values() if role in organisation.roles)


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_Row = TypeVar("_Row", bound=_Coded)


def _by_code(name: str, rows: TypeAdapter[list[_Row]]) -> Mapping[str, _Row]:
    """The rows of a list by code; a cell that does not fit its field raises pydantic's ValidationError."""
    return MappingProxyType({row.code: row for row in rows.validate_python(_rows(name))})


def _rows(name: str) -> list[dict[str, str]]:
    text = files("contracts").joinpath("reference", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
