"""The words of duplicate reviews and emergency reviews, in English."""

from collections.abc import Mapping

from services.gateway.web.languages import mark

LABELS: Mapping[str, Mapping[str, str]] = {
    "review_status": {"open": mark("open"), "decided": mark("decided")},
    "review_order": {"age": mark("oldest first"), "weight": mark("heaviest first")},
    "band": {
        "high": mark("high: 95 % or more"), "middle": mark("middle: 75 % or more"), "low": mark("low: less than 75 %"),
    },
    "hold": {
        "child": mark("One of them may be under 18, now or when registered."),
        "nik": mark("Both have an NIK of their own."),
        "sex": mark("Their sexes differ."),
        "size": mark("Together they have more facts than one person may."),
        "records": mark("Some of their records agree, and others speak against it."),
        "identifier": mark("Both carry one passport; nothing else was compared."),
    },
    "decision": {"same": mark("one person"), "different": mark("two persons")},
    "reason": {
        "same_documents": mark("Both were seen with the same document"),
        "typing_error": mark("A number or a name was mistyped"),
        "confirmed_by_person": mark("The person said so"),
        "confirmed_by_dukcapil": mark("Dukcapil said so"),
        "twin": mark("They are twins"),
        "same_household_different_person": mark("They live together, and are two"),
        "other": mark("None of these"),
    },
    "step": {"OPENED": mark("opened"), "DECIDED": mark("decided"), "REOPENED": mark("taken back")},
    "because": {"rule": mark("by the registry's rule"), "steward": mark("by a steward")},
    "compared": {
        "prior": mark("Before anything is compared"),
        "rule": mark("Rule"),
        "household or twins": mark("Household or twins"),
        "name": mark("Name"),
        "mother": mark("Mother's name"),
        "birth": mark("Date of birth"),
        "sex": mark("Sex"),
        "nik": mark("NIK"),
        "passport": mark("Passport"),
        "phone": mark("Telephone"),
        "address": mark("Address"),
    },
    "level": {
        "two records by chance": mark("two records by chance"),
        "as likely for": mark("as likely for members of one household"),
        "not more likely for": mark("not more likely for members of one household"),
        "missing": mark("missing on one side"),
        "same NIK and birth date": mark("same NIK and birth date"),
        "same passport, name and birth date agree": mark("same passport, name and birth date agree"),
        "same number of one issuer, name and birth date agree": mark(
            "same number of one issuer, name and birth date agree"
        ),
        "an identifier is shared, but sex and birth date differ": mark(
            "an identifier is shared, but sex and birth date differ"
        ),
        "different": mark("different"),
        "near": mark("nearly the same"),
        "family word": mark("a family name in common"),
        "some words": mark("some words in common"),
        "swapped": mark("words swapped"),
        "alike": mark("alike"),
        "part": mark("one is a part of the other"),
        "same": mark("the same"),
        "far apart": mark("far apart"),
        "near year": mark("a near year"),
        "year": mark("the same year"),
        "two parts": mark("two of day, month and year"),
        "slip": mark("one slip of the pen"),
        "next serial": mark("the next serial number"),
        "place slip": mark("one slip in the digits of the place"),
        "same province": mark("the same province"),
        "same regency": mark("the same regency"),
        "same district": mark("the same district"),
        "same village": mark("the same village"),
        "same street": mark("the same street"),
        "same house": mark("the same house"),
    },
    "person_status": {
        "C0_PROSPECT": mark("prospect"), "C1_REGISTERED": mark("registered"),
        "C4_PLACEMENT_AGREED": mark("placement agreed"), "P1_DEPARTED": mark("departed"),
    },
    "flag": {
        "nik_unverified": mark("NIK not verified"), "nik_mismatch": mark("NIK does not fit the person"),
        "nik_rejected": mark("NIK rejected"), "identifier_shared": mark("a number shared with somebody else"),
        "non_procedural": mark("left outside the procedure"), "provisional": mark("provisional"),
    },
    "scheme": {
        "g_to_g": mark("government to government"), "p_to_p": mark("private placement"),
        "ukps": mark("placement by the own company"), "individual": mark("by oneself"),
    },
    "disclosure": {"copy": mark("got a copy"), "reading": mark("read it")},
    "emergency_state": {"open": mark("open"), "closed": mark("closed")},
    "emergency": {
        "life_in_danger": mark("a life in danger"), "violence": mark("violence"),
        "held_against_will": mark("held against their will"), "medical_emergency": mark("a medical emergency"),
        "missing": mark("somebody is missing"), "death": mark("a death"), "child_at_risk": mark("a child at risk"),
        "asked_for_help": mark("the person asked for help"),
    },
    "finding": {
        "justified": mark("It was justified"), "covered_by_agreement": mark("An agreement covered it after all"),
        "unjustified": mark("It was not justified"),
    },
    "yes_or_no": {"True": mark("yes"), "False": mark("no")},
}  # fmt: skip
