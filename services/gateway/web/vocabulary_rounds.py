"""The words of assessment rounds, in English."""

from collections.abc import Mapping

from services.gateway.web.languages import mark

LABELS: Mapping[str, Mapping[str, str]] = {
    "catalogue": {"mgi-national": mark("Migration Governance Indicators, national")},
    "answer_state": {
        "answered": mark("answered"), "late": mark("answered late"), "missing": mark("missing"),
        "overdue": mark("missing, overdue"),
    },
    "value": {"yes": mark("yes"), "no": mark("no")},
    "kind": {
        "yes_no": mark("Yes or no"), "scale": mark("Scale: 0, 0.5 or 1"), "number": mark("A number"),
        "text": mark("In words"),
    },
    "guidance": {
        "yes_no": mark("Answer for what is in force today. A yes rests on at least one instrument or figure: name it."),
        "scale": mark(
            "0: no or not at all. 0.5: in part. 1: fully. More than 0 rests on at least one instrument: name it."
        ),
        "number": mark("Give the figure alone. Its unit, its period and its source belong into the explanation."),
        "text": mark("Answer in your own words. Name no person."),
    },
    "instrument": {
        "UU": mark("Law (UU)"), "PP": mark("Government regulation (PP)"), "PERPRES": mark("Presidential regulation"),
        "PERMEN": mark("Ministerial regulation"), "PERDA": mark("Regional regulation"),
        "PERGUB": mark("Governor's regulation"), "SE": mark("Circular (SE)"), "MOU": mark("Memorandum (MoU)"),
        "STATISTIC": mark("Statistic"), "OTHER": mark("Other"),
    },
}  # fmt: skip
