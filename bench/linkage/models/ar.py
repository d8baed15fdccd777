"""Arabic names: a skeleton of consonants stands for all spellings; the phone and the passport decide where they are."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_SPELT = r"""
    select *, regexp_replace(plain(replace(name, '-', ' ')),
        '\b(al|el|abu|abou|ben|bin|abd|abdel|abdul) ', '\1', 'g') as spelling from list
"""
_SOUNDING = """
    select *, replace(replace(replace(replace(replace(replace(replace(replace(
        spelling, 'dj', 'j'),
        'kh', 'h'), 'ch', 'h'), 'th', 't'), 'dh', 't'), 'q', 'k'), 'c', 'k'), 'g', 'j') as sounding
    from spelt
"""
_SKELETON = r"""
    select *, replace(replace(replace(replace(regexp_replace(sounding, '[aeiouyhw]', '', 'g'), 'ss', 's'), 'mm', 'm'),
        'dd', 'd'), 'rr', 'r') as skeleton from sounded
"""

MODEL = Model(
    prepare=(
        f"""
        with spelt as ({_SPELT}), sounded as ({_SOUNDING}), boned as ({_SKELETON})
        select row as unique_id, spelling, skeleton, word(skeleton, 1) as first_name,
            list_extract(string_split(skeleton, ' '), -1) as last_name, string_split(skeleton, ' ') as words,
            dmy(dob) as dob, right(dmy(dob), 5) as day_of_year, left(dmy(dob), 4) as year, sex, plain(city) as city,
            right(digits(phone), 10) as phone, passport_no as passport
        from boned
        """,  # noqa: S608  # all of it stands here
    ),
    comparisons=(
        compare.of(
            "skeleton",
            compare.level("skeleton_l = skeleton_r", "all names", "skeleton"),
            compare.level("list_has_all(words_l, words_r) or list_has_all(words_r, words_l)", "one within the other"),
            compare.level("first_name_l = first_name_r and jaro_winkler_similarity(last_name_l, last_name_r) >= 0.8",
                          "first the same, last alike"),
            compare.level("jaro_winkler_similarity(spelling_l, spelling_r) >= 0.9", "alike as a whole"),
            compare.level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.75 and "
                          "jaro_winkler_similarity(last_name_l, last_name_r) >= 0.75", "first and last alike"),
            compare.level("len(list_intersect(words_l, words_r)) >= 2", "two names"),
            compare.level("first_name_l = first_name_r", "first", "first_name"),
            compare.level("last_name_l = last_name_r", "last", "last_name"),
        ),
        compare.birth_date(),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of(
            "city",
            compare.level("city_l = city_r", "same", "city"),
            compare.level("jaro_winkler_similarity(city_l, city_r) >= 0.85", "alike"),
        ),
        compare.number("phone"),
        compare.number("passport"),
    ),
    blocking=(
        block_on("passport"),
        block_on("phone"),
        block_on("skeleton"),
        block_on("first_name", "year"),
        block_on("last_name", "year"),
        block_on("first_name", "last_name"),
        block_on("first_name", "day_of_year"),
        block_on("first_name", "city"),
        block_on("year", "city"),
    ),
    certain=(block_on("passport"), block_on("phone", "first_name")),
    recall=0.75,
    training=(block_on("passport"), block_on("first_name", "last_name"), block_on("dob")),
    threshold=1.0,
)  # fmt: skip
