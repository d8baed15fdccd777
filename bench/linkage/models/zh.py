"""Chinese names in pinyin: letters in order, whatever end comes first; the number and the phone carry the weight."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        """
        with spelt as (select *, string_split(plain(name), ' ') as words, replace(plain(name), ' ', '') as joined
            from list)
        select row as unique_id, array_to_string(list_sort(words), ' ') as names, words,
            array_to_string(list_sort(string_split(joined, '')), '') as letters, list_sort(words)[1] as first_word,
            left(upper(gender), 1) as sex, replace(birthday, '/', '-') as dob, substr(birthday, 1, 4) as year,
            upper(id_number) as number, substr(id_number, 7, 8) as number_born, right(digits(mobile), 11) as phone,
            city, employer
        from spelt
        """,
    ),
    comparisons=(
        compare.of(
            "letters",
            compare.level("letters_l = letters_r", "same letters", "letters"),
            compare.level("list_has_all(words_l, words_r) or list_has_all(words_r, words_l)", "one within the other"),
            compare.level("damerau_levenshtein(letters_l, letters_r) <= 2 and "
                          "len(list_intersect(words_l, words_r)) >= 1", "a word and nearly all letters"),
            compare.level("damerau_levenshtein(letters_l, letters_r) <= 2", "nearly all letters"),
            compare.level("len(list_intersect(words_l, words_r)) >= 1", "a word"),
        ),
        compare.birth_date(),
        compare.number("number"),
        compare.number("phone"),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of("city", compare.level("city_l = city_r", "same", "city")),
        compare.of("employer", compare.level("employer_l = employer_r", "same", "employer")),
    ),
    blocking=(
        block_on("number"),
        block_on("phone"),
        block_on("dob"),
        block_on("letters"),
        block_on("left(number, 17)"),
        block_on("first_word", "year"),
        block_on("employer", "year"),
        block_on("year", "city", "sex"),
    ),
    certain=(block_on("number"), block_on("phone", "dob"), block_on("letters", "dob")),
    recall=0.8,
    training=(block_on("number"), block_on("phone"), block_on("dob"), block_on("letters")),
    threshold=1.0,
)  # fmt: skip
