"""The Dutch list: the analyst has looked, and knows what V1 to V8 are, that V1 may be initials, that V9 is nothing."""

from splink import block_on
from splink import comparison_library as library

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        r"""
        select row as unique_id, plain(V1) as given, left(plain(V1), 1) as initial,
            plain(regexp_replace(plain(V2), '\b(van|de|der|den|ten)\b', '', 'g')) as surname,
            dmy(replace(V3, '/', '-')) as dob,
            left(dmy(V3), 4) as year, plain(V4) as address, upper(replace(V5, ' ', '')) as zip, plain(V6) as town,
            lower(V7) as mail, V8 as sex
        from list
        """,
    ),
    comparisons=(
        compare.of(
            "given",
            compare.level("given_l = given_r and length(given_l) > 1", "same name"),
            compare.level("(length(given_l) = 1 or length(given_r) = 1) and initial_l = initial_r", "initial"),
            compare.level("jaro_winkler_similarity(given_l, given_r) >= 0.9", "alike"),
            compare.level("jaro_winkler_similarity(given_l, given_r) >= 0.8", "somewhat alike"),
        ),
        compare.name("surname", (0.92, 0.85)),
        compare.birth_date(),
        compare.of(
            "address",
            compare.level("address_l = address_r", "same", "address"),
            compare.level("jaro_winkler_similarity(address_l, address_r) >= 0.92", "alike"),
            compare.level("zip_l = zip_r", "postcode", "zip"),
            compare.level("left(zip_l, 4) = left(zip_r, 4) or town_l = town_r", "town"),
        ),
        library.EmailComparison("mail"),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
    ),
    blocking=(
        block_on("mail"),
        block_on("dob"),
        block_on("address"),
        block_on("surname", "initial"),
        block_on("zip", "initial"),
        block_on("surname", "year"),
        block_on("given", "year"),
        block_on("initial", "town", "year"),
    ),
    certain=(block_on("mail"), block_on("surname", "dob", "initial")),
    recall=0.7,
    training=(block_on("mail"), block_on("dob"), block_on("surname", "initial")),
    threshold=8.0,
)
