import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from contracts import codes

LISTS = [
    (codes.organisations, 271),
    (codes.regions, 553),
    (codes.legacy_regions, 26),
    (codes.mgi_indicators, 98),
    (codes.local_mgi_indicators, 76),
    (codes.alert_types, 21),
]


@pytest.mark.parametrize(("read", "rows"), LISTS)
def test_every_row_of_a_list_is_kept_under_its_own_code(read: Callable[[], Mapping[str, object]], rows: int) -> None:
    assert len(read()) == rows
    assert read() is read()


def test_a_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        codes.regions()["ID"] = None  # type: ignore[index]


def test_the_published_counts_hold() -> None:
    levels = [region.level for region in codes.regions().values()]
    assert [levels.count(level) for level in ("country", "province", "regency", "city")] == [1, 38, 416, 98]
    assert len(codes.respondents()) == len(set(codes.respondents())) == 39
    dimensions = [indicator.dimension_no for indicator in codes.mgi_indicators().values()]
    assert [dimensions.count(number) for number in range(1, 7)] == [20, 20, 12, 16, 13, 17]


def test_every_region_lies_in_a_listed_one() -> None:
    for region in codes.regions().values():
        assert (region.parent is None) == (region.code == "ID")
        assert region.parent is None or region.parent in codes.regions()


def test_every_organisation_stands_in_a_listed_region() -> None:
    assert {organisation.region_code for organisation in codes.organisations().values()} <= codes.regions().keys()


def test_every_question_names_objectives_of_the_compact_and_a_listed_lead() -> None:
    for indicator in (*codes.mgi_indicators().values(), *codes.local_mgi_indicators().values()):
        assert indicator.gcm_objective
        assert set(indicator.gcm_objective) <= set(range(1, 24))
        assert indicator.lead_org in codes.organisations()


def test_a_former_region_code_leads_to_a_present_one_and_is_none_itself() -> None:
    assert set(codes.legacy_regions().values()) <= codes.regions().keys()
    assert codes.legacy_regions().keys().isdisjoint(codes.regions())
    assert [codes.current_region(code) for code in ("91.01", "93.01", "33.07", "xx")] == [
        "93.01",
        "93.01",
        "33.07",
        "xx",
    ]


def test_a_mission_is_found_by_its_country() -> None:
    assert codes.missions("MY") == ("KBRI_KUL", "KJRI_JHB", "KJRI_BKI")
    assert codes.missions("TW") == ("KDEI_TPE",)
    assert codes.missions("BN") == ()


def test_every_country_with_a_mission_is_a_destination() -> None:
    roles = {role for organisation in codes.organisations().values() for role in organisation.roles}
    assert {role.partition(":")[2] for role in roles if role.startswith("consular_mission:")} <= codes.destinations()


def test_hong_kong_and_taiwan_are_destinations_and_indonesia_is_none() -> None:
    assert {"HK", "MO", "TW", "MY", "SA"} <= codes.destinations()
    assert "ID" not in codes.destinations()
    assert "XX" not in codes.destinations()


def test_every_regency_and_city_of_the_programme_provinces_has_its_government() -> None:
    local = [code for code in codes.regions() if len(code) == 5 and code[:2] in ("33", "52", "73")]
    found = {codes.regency_organisation(code) for code in local}
    assert None not in found
    assert len(found) == len(local) == 69
    assert codes.regency_organisation("33.07") == "KAB-33.07"
    assert codes.regency_organisation("33.74") == "KOTA-33.74"
    assert codes.regency_organisation("11.01") is None


def test_topic_codes_are_legal_in_a_topic_name_and_tell_organisations_apart() -> None:
    # Kafka's metrics write '.' as '_', so two topics must not differ in that alone.
    topic_codes = {code: codes.org_topic_code(code) for code in codes.organisations()}
    assert all(re.fullmatch(r"[a-z0-9._-]{1,40}", topic_code) for topic_code in topic_codes.values())
    assert len({topic_code.replace(".", "_") for topic_code in topic_codes.values()}) == len(topic_codes)
    assert codes.org_topic_code("KAB-33.07") == "kab-33.07"


@pytest.mark.parametrize(
    ("code", "severity", "acknowledge", "act"),
    [
        ("ALT-DISTRESS", "critical", timedelta(minutes=15), timedelta(hours=1)),
        ("ALT-CRISIS", "critical", timedelta(minutes=30), timedelta(hours=6)),
        ("ALT-SCAM", "high", timedelta(hours=2), timedelta(hours=24)),
        ("ALT-MASSRET", "high", timedelta(hours=2), None),
        ("ALT-WAGE", "medium", None, None),
        ("ALT-EXPIRY", "low", None, None),
    ],
)
def test_limits_in_hours_and_minutes_are_durations_and_others_stay_text(
    code: str, severity: str, acknowledge: timedelta | None, act: timedelta | None
) -> None:
    alert_type = codes.alert_types()[code]
    assert alert_type.initial_severity == severity
    assert (alert_type.acknowledge_limit, alert_type.first_action_limit) == (acknowledge, act)


def test_every_alert_type_says_whom_to_notify_and_how_grave_it_is() -> None:
    for alert_type in codes.alert_types().values():
        assert alert_type.notify
        assert alert_type.initial_severity in ("low", "medium", "high", "critical")
    assert codes.alert_types()["ALT-DISTRESS"].notify == ("mission for the country", "KEMLU", "KP2MI")
