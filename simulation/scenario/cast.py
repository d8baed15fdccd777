"""Who plays: the institutions connected on this machine, and the parts they have in the story."""

LOADER = "KP2MI"
"""Registers and places; also the institution from which the distress calls come."""
IDENTITY = "KEMENDAGRI"
BORDER = "KEMENIMIPAS"
FOREIGN = "KEMLU"
STATISTICS = "BPS"

MISSIONS = ("KBRI_KUL", "KJRI_JHB", "KJRI_HKG", "KDEI_TPE", "KBRI_SIN", "KBRI_RUH", "KBRI_TYO", "KBRI_SEL")
"""Not every mission is connected: some people live where none of these serves."""

REGENCIES = tuple(f"KAB-33.{number:02d}" for number in range(1, 11))

ANSWERS_BY_EVENT = (STATISTICS, IDENTITY)
"""Their systems answer the questions of the copy they received, all of them."""
ANSWERS_HALF = BORDER
"""Its system answers the first half only."""
ANSWERS_BY_API = ("KEMENPPPA", "BI")
"""A focal point of theirs answers question by question."""
ANSWERS_BY_HTTPS = "OJK"
"""Its system has no Kafka client."""
ANSWERS_LATE = "BNPB"

CONNECTED = (
    LOADER,
    FOREIGN,
    IDENTITY,
    BORDER,
    STATISTICS,
    *MISSIONS,
    *REGENCIES,
    *ANSWERS_BY_API,
    ANSWERS_BY_HTTPS,
    ANSWERS_LATE,
)

URGENT = (LOADER, FOREIGN, *MISSIONS)
"""Those who listen on their urgent topic."""

COORDINATION = "KEMENKO_POLKAM"
"""The migration coordinator's institution: people of it use the api, no system of it is connected."""

SYSTEMS = {
    LOADER: "sisko",
    IDENTITY: "dukcapil",
    BORDER: "perlintasan",
    STATISTICS: "rujukan",
    ANSWERS_BY_HTTPS: "pelaporan",
}
"""Names that partners give their own systems, in `ce_source`. No such text may cross the gateway in clear."""
