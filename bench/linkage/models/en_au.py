"""The Australian register: swapped names, an address in parts, a number that is mostly right."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_L, _R = "jaro_winkler_similarity(given_name_l, given_name_r)", "jaro_winkler_similarity(surname_l, surname_r)"

MODEL = Model(
    prepare=(
        """
        select row as unique_id, plain(given_name) as given_name, plain(surname) as surname,
            coalesce(plain(given_name), '') || ' ' || coalesce(plain(surname), '') as both_names, street_number,
            plain(address_1) as address_1, plain(address_2) as address_2, plain(suburb) as suburb, postcode, state,
            substr(date_of_birth, 1, 4) || '-' || substr(date_of_birth, 5, 2)
                || '-' || substr(date_of_birth, 7, 2) as dob,
            soc_sec_id, coalesce(plain(suburb), postcode) as place
        from list
        """,
    ),
    comparisons=(
        compare.of(
            "both_names",
            compare.level("both_names_l = both_names_r", "same", "both_names"),
            compare.level("given_name_l = surname_r and surname_l = given_name_r", "swapped"),
            compare.level(f"{_L} >= 0.9 and {_R} >= 0.9", "both very alike"),
            compare.level(f"{_R} >= 0.9 and (given_name_l is null or given_name_r is null)", "surname, no given name"),
            compare.level(f"{_L} >= 0.9 and (surname_l is null or surname_r is null)", "given name, no surname"),
            compare.level("jaro_winkler_similarity(given_name_l, surname_r) >= 0.85 and "
                          "jaro_winkler_similarity(surname_l, given_name_r) >= 0.85", "swapped and alike"),
            compare.level(f"{_L} >= 0.8 and {_R} >= 0.8", "both alike"),
            compare.level("given_name_l = given_name_r", "given name", "given_name"),
            compare.level(f"{_R} >= 0.92", "surname"),
        ),
        compare.birth_date(),
        compare.number("soc_sec_id"),
        compare.of(
            "place",
            compare.level("street_number_l = street_number_r and address_1_l = address_1_r", "number and street"),
            compare.level("address_1_l = address_1_r and suburb_l = suburb_r", "street and suburb"),
            compare.level("street_number_l = street_number_r and (suburb_l = suburb_r or postcode_l = postcode_r)",
                          "number and suburb"),
            compare.level("jaro_winkler_similarity(address_1_l, address_1_r) >= 0.88 and (suburb_l = suburb_r or "
                          "postcode_l = postcode_r)", "street alike, and suburb"),
            compare.level("address_1_l = address_2_r or address_2_l = address_1_r", "in the other line"),
            compare.level("address_1_l = address_1_r", "street"),
            compare.level("place_l = place_r", "suburb", "place"),
            compare.level("postcode_l = postcode_r", "postcode"),
            compare.level("jaro_winkler_similarity(suburb_l, suburb_r) >= 0.9", "suburb alike"),
        ),
    ),
    blocking=(
        block_on("soc_sec_id"),
        block_on("dob"),
        block_on("given_name", "surname"),
        block_on("address_1", "street_number"),
        block_on("surname", "postcode"),
        block_on("given_name", "suburb"),
        block_on("substr(surname, 1, 3)", "substr(given_name, 1, 3)"),
        block_on("postcode", "substr(dob, 1, 7)"),
    ),
    certain=(block_on("soc_sec_id"), block_on("given_name", "surname", "dob")),
    recall=0.8,
    training=(block_on("soc_sec_id"), block_on("dob"), block_on("both_names")),
    threshold=9.0,
)  # fmt: skip
