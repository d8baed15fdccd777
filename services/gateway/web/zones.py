"""In which time zone an office writes its times: Indonesia's three, and that of each mission."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts import codes

CENTRAL = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
"""Provinces of Waktu Indonesia Tengah (Keppres 41/1987, with those split off since)."""
EASTERN = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
ABROAD: Mapping[str, str] = {
    "AE": "Asia/Dubai", "HK": "Asia/Hong_Kong", "JP": "Asia/Tokyo", "KH": "Asia/Phnom_Penh", "KR": "Asia/Seoul",
    "MM": "Asia/Yangon", "MY": "Asia/Kuala_Lumpur", "SA": "Asia/Riyadh", "SG": "Asia/Singapore",
    "TH": "Asia/Bangkok", "TW": "Asia/Taipei",
}  # fmt: skip
"""By the country that a mission serves."""
WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
NAMES: Mapping[str, str] = {WIB: "WIB", WITA: "WITA", WIT: "WIT"}
CHOICES = tuple(dict.fromkeys((WIB, WITA, WIT, *sorted(ABROAD.values()))))


def zone_of(organisation: str) -> str:
    """The zone of an organisation's office; WIB for one that is not listed."""
    listed = codes.organisations().get(organisation)
    if listed is None:
        return WIB
    for function in sorted(listed.roles):
        if function.startswith("consular_mission:"):
            return ABROAD.get(function.partition(":")[2], WIB)
    province = listed.region_code[:2]
    return WITA if province in CENTRAL else WIT if province in EASTERN else WIB


def abbreviation(at: datetime, zone: str) -> str:
    """As people write it: WIB, WITA, WIT, or UTC+8 where the zone has no letters of its own."""
    if zone in NAMES:
        return NAMES[zone]
    offset = at.astimezone(ZoneInfo(zone)).strftime("%z")
    sign, hours, minutes = offset[0], int(offset[1:3]), offset[3:].replace("00", "")
    return f"UTC{sign}{hours}{':' + minutes if minutes else ''}"
