"""Brazilian patients, pupils and register: long names without their particles, the mother's name, few numbers."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_BARE = "plain(regexp_replace(plain({}), '\\b(da|de|do|dos|das) ', '', 'g'))"

MODEL = Model(
    prepare=(
        f"""
        with bare as (select *, {_BARE.format("NO_PACIENTE")} as name, {_BARE.format("NO_MAE")} as mother
            from list)
        select row as unique_id, name, word(name, 1) as first_name,
            list_extract(string_split(name, ' '), -1) as last_name,
            string_split(name, ' ') as words, mother, word(mother, 1) as mother_first,
            string_split(mother, ' ') as mother_words,
            dmy(DT_NASC) as dob, left(dmy(DT_NASC), 4) as year, CS_SEXO as sex, digits(NU_CPF) as cpf,
            plain(NO_MUNICIPIO) as town, SG_UF as state
        from bare
        """,  # noqa: S608  # all of it stands here
    ),
    comparisons=(
        *(
            compare.of(
                whole,
                compare.level(f"{whole}_l = {whole}_r", "same", whole),
                compare.level(
                    f"list_has_all({words}_l, {words}_r) or list_has_all({words}_r, {words}_l)", "one within the other"
                ),
                compare.level(f"jaro_winkler_similarity({whole}_l, {whole}_r) >= 0.95", "very alike"),
                compare.level(
                    f"{first}_l = {first}_r and len(list_intersect({words}_l, {words}_r)) >= 2", "first and another"
                ),
                compare.level(f"jaro_winkler_similarity({whole}_l, {whole}_r) >= 0.88", "alike"),
                compare.level(f"len(list_intersect({words}_l, {words}_r)) >= 2", "two names"),
                compare.level(f"{first}_l = {first}_r", "first", first),
            )
            for whole, words, first in (("name", "words", "first_name"), ("mother", "mother_words", "mother_first"))
        ),
        compare.birth_date(),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.number("cpf"),
        compare.of(
            "town",
            compare.level("town_l = town_r", "same", "town"),
            compare.level("jaro_winkler_similarity(town_l, town_r) >= 0.9", "alike"),
            compare.level("state_l = state_r", "state"),
        ),
    ),
    blocking=(
        block_on("cpf"),
        block_on("dob"),
        block_on("name"),
        block_on("first_name", "last_name"),
        block_on("first_name", "mother_first"),
        block_on("mother"),
        block_on("first_name", "year"),
        block_on("last_name", "year"),
        block_on("first_name", "town"),
    ),
    certain=(block_on("cpf"), block_on("name", "dob"), block_on("mother", "dob", "first_name")),
    recall=0.7,
    training=(block_on("cpf"), block_on("dob"), block_on("name")),
    threshold=8.0,
)
