"""German names and birth dates, nothing else: two given names, two surnames, one error in each duplicate."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        """
        select row as unique_id, plain(fname_c1) as given, plain(fname_c2) as second, plain(lname_c1) as surname,
            plain(lname_c2) as other, "by" as year, bm as month, bd as day,
            "by" || '-' || lpad(bm, 2, '0') || '-' || lpad(bd, 2, '0') as dob
        from list
        """,
    ),
    comparisons=(
        compare.of(
            "given",
            compare.level("given_l = given_r", "same", "given"),
            compare.level("damerau_levenshtein(given_l, given_r) <= 1", "one slip"),
            compare.level("jaro_winkler_similarity(given_l, given_r) >= 0.9", "alike"),
            compare.level("given_l = surname_r and surname_l = given_r", "swapped"),
        ),
        compare.of("second", compare.level("second_l = second_r", "same", "second")),
        compare.of(
            "surname",
            compare.level("surname_l = surname_r", "same", "surname"),
            compare.level("damerau_levenshtein(surname_l, surname_r) <= 1", "one slip"),
            compare.level("jaro_winkler_similarity(surname_l, surname_r) >= 0.9", "alike"),
            compare.level("given_l = surname_r and surname_l = given_r", "swapped"),
        ),
        compare.of("other", compare.level("other_l = other_r", "same", "other")),
        compare.birth_date(),
    ),
    blocking=(
        block_on("dob"),
        block_on("given", "surname"),
        block_on("given", "year"),
        block_on("surname", "year"),
        block_on("given", "month", "day"),
        block_on("surname", "month", "day"),
        block_on("left(given, 3)", "left(surname, 3)"),
    ),
    certain=(
        block_on("given", "dob"),
        block_on("surname", "given", "year"),
        block_on("surname", "given", "day", "month"),
    ),
    recall=0.8,
    training=(block_on("dob"), block_on("given", "surname"), block_on("surname", "year")),
    threshold=3.0,
)
