"""Voters: no number, so names, the birth date or the age, the address, and the phone; families share most of it."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_MIDDLE = "left(middle_name_l, 1) = left(middle_name_r, 1)"

MODEL = Model(
    prepare=(
        """
        select row as unique_id, plain(first_name) as first_name, plain(middle_name) as middle_name,
            plain(last_name) as last_name, coalesce(plain(name_sufx), '-') as suffix, mdy(dob) as dob,
            try_cast(age as int) as age, sex, plain(res_street_address) as address,
            word(plain(res_street_address), 1) as house, plain(res_city_desc) as city, zip_code, digits(phone) as phone,
            coalesce(substr(mdy(dob), 1, 4), cast((2020 - try_cast(age as int)) as varchar)) as about,
            coalesce(res_street_address, phone) as where_found
        from list
        """,
    ),
    comparisons=(
        compare.name("first_name", (0.92, 0.85)),
        compare.of(
            "middle_name",
            compare.level("middle_name_l = middle_name_r and length(middle_name_l) > 1", "same name"),
            compare.level(f"(length(middle_name_l) = 1 or length(middle_name_r) = 1) and {_MIDDLE}", "initial"),
            compare.level("jaro_winkler_similarity(middle_name_l, middle_name_r) >= 0.9", "alike"),
        ),
        compare.of(
            "last_name",
            compare.level("last_name_l = last_name_r", "same", "last_name"),
            compare.level("jaro_winkler_similarity(last_name_l, last_name_r) >= 0.9", "alike"),
            compare.level("last_name_l = middle_name_r or middle_name_l = last_name_r", "maiden name in the middle"),
            compare.level("last_name_l = first_name_r and first_name_l = last_name_r", "swapped"),
        ),
        compare.of(
            "suffix",
            compare.level("suffix_l = '-' or suffix_r = '-'", "one has none"),
            compare.level("suffix_l = suffix_r", "same"),
        ),
        compare.birth_date(),
        compare.of(
            "about",
            compare.level("dob_l is not null and dob_r is not null", "the date says it"),
            compare.level("age_l = age_r", "same age"),
            compare.level("abs(cast(about_l as int) - cast(about_r as int)) <= 3 and (age_l is null or age_r is null)",
                          "age and date fit"),
            compare.level("abs(age_l - age_r) <= 5", "age fits another year's list"),
        ),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of(
            "where_found",
            compare.level("phone_l = phone_r and address_l = address_r", "phone and address"),
            compare.level("address_l = address_r", "address", "address"),
            compare.level("phone_l = phone_r", "phone"),
            compare.level("jaro_winkler_similarity(address_l, address_r) >= 0.92", "address alike"),
            compare.level("damerau_levenshtein(phone_l, phone_r) <= 1", "phone with a slip"),
            compare.level("house_l = house_r and zip_code_l = zip_code_r", "house and postcode"),
            compare.level("zip_code_l = zip_code_r or city_l = city_r", "town"),
        ),
    ),
    blocking=(
        block_on("phone"),
        block_on("first_name", "last_name"),
        block_on("dob"),
        block_on("address"),
        block_on("last_name", "zip_code"),
        block_on("first_name", "zip_code"),
        block_on("first_name", "middle_name"),
        block_on("last_name", "left(first_name, 1)", "sex"),
    ),
    certain=(block_on("first_name", "last_name", "dob"), block_on("first_name", "last_name", "address")),
    recall=0.7,
    training=(block_on("first_name", "last_name"), block_on("dob")),
    threshold=6.0,
)  # fmt: skip
