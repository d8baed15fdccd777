"""Who takes part: the institutions connected on this machine, and their parts in the scenario."""

REGISTRY_OWNER = "KP2MI"
"""Registers and places workers, sends the bulk load, and reports the distress calls."""
IDENTITY_AUTHORITY = "KEMENDAGRI"
BORDER_CONTROL = "KEMENIMIPAS"
FOREIGN_MINISTRY = "KEMLU"
STATISTICS = "BPS"
"""Knows people by pseudonyms, and hears of a day when it is over."""
INSURANCE = "BPJS_TK"
"""Gets a copy of every fact at once."""

MISSIONS = ("KBRI_KUL", "KJRI_JHB", "KJRI_HKG", "KDEI_TPE", "KBRI_SIN", "KBRI_RUH", "KBRI_TYO", "KBRI_SEL")
"""Not every mission is connected: some people live where none of these serves."""

REGENCIES = tuple(f"KAB-33.{number:02d}" for number in range(1, 11))

ANSWERS_BY_EVENT = (STATISTICS, IDENTITY_AUTHORITY)
"""Their systems answer all questions of the copy they received."""
ANSWERS_HALF = BORDER_CONTROL
"""Its system answers the first half only."""
ANSWERS_BY_API = ("KEMENPPPA", "BI")
"""A focal point of theirs answers question by question."""
HOTLINE = "KEMENPPPA"
"""Hears of people whom no agreement of its own covers."""
ANSWERS_BY_HTTPS = "OJK"
"""Its system has no Kafka client."""
ANSWERS_LATE = "BNPB"

CONNECTED = (
    REGISTRY_OWNER,
    FOREIGN_MINISTRY,
    IDENTITY_AUTHORITY,
    BORDER_CONTROL,
    STATISTICS,
    INSURANCE,
    *MISSIONS,
    *REGENCIES,
    *ANSWERS_BY_API,
    ANSWERS_BY_HTTPS,
    ANSWERS_LATE,
)

URGENT = (REGISTRY_OWNER, FOREIGN_MINISTRY, *MISSIONS)
"""Those who listen on their urgent topic."""

COORDINATION = "KEMENKO_POLKAM"
"""The migration coordinator's institution: its officers use the api, no system of it is connected."""

SYSTEMS = {
    REGISTRY_OWNER: "sisko",
    IDENTITY_AUTHORITY: "dukcapil",
    BORDER_CONTROL: "perlintasan",
    STATISTICS: "rujukan",
    ANSWERS_BY_HTTPS: "pelaporan",
}
"""Names that partners give their own systems, in `ce_source`. No such text may cross the gateway in clear."""
