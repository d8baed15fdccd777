"""People of the past: a full name with titles and initials, a year for a date, much missing."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        """
        select row as unique_id, plain(full_name) as full_name, plain(first_and_surname) as plain_name,
            word(plain(first_and_surname), 1) as first_name,
            list_extract(string_split(plain(first_and_surname), ' '), -1) as surname,
            dob, plain(split_part(birth_place, ',', 1)) as place, plain(split_part(birth_place, ',', 2)) as county,
            upper(postcode) as postcode,
            split_part(upper(postcode), ' ', 1) as outward, gender, plain(occupation) as occupation,
            coalesce(postcode, birth_place) as where_known
        from list
        """,
    ),
    comparisons=(
        compare.of(
            "plain_name",
            compare.level("plain_name_l = plain_name_r", "same", "plain_name"),
            compare.level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.9 and "
                          "jaro_winkler_similarity(surname_l, surname_r) >= 0.9", "both very alike"),
            compare.level("jaro_winkler_similarity(surname_l, surname_r) >= 0.9 and ("
                          "starts_with(first_name_l, first_name_r) or starts_with(first_name_r, first_name_l))",
                          "surname and initial"),
            compare.level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.8 and "
                          "jaro_winkler_similarity(surname_l, surname_r) >= 0.8", "both alike"),
            compare.level("first_name_l = first_name_r", "first name", "first_name"),
            compare.level("surname_l = surname_r", "surname", "surname"),
        ),
        compare.birth_date(),
        compare.of(
            "where_known",
            compare.level("postcode_l = postcode_r", "postcode"),
            compare.level("place_l = place_r", "birth place"),
            compare.level("outward_l = outward_r", "outward code"),
            compare.level("jaro_winkler_similarity(place_l, place_r) >= 0.9", "birth place alike"),
        ),
        compare.of("gender", compare.level("gender_l = gender_r", "same")),
        compare.of("occupation", compare.level("occupation_l = occupation_r", "same", "occupation")),
    ),
    blocking=(
        block_on("plain_name"),
        block_on("dob"),
        block_on("postcode"),
        block_on("surname", "place"),
        block_on("surname", "substr(dob, 1, 4)"),
        block_on("first_name", "substr(dob, 1, 4)"),
        block_on("first_name", "outward"),
        block_on("surname", "outward"),
        block_on("left(surname, 4)", "left(first_name, 1)"),
    ),
    certain=(block_on("plain_name", "dob"), block_on("plain_name", "postcode")),
    recall=0.6,
    training=(block_on("plain_name"), block_on("dob")),
    threshold=5.0,
)  # fmt: skip
