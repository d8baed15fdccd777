"""Mexican beneficiaries: two surnames that change places, a number that is often missing, an address in parts."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_SURNAMES = "coalesce(plain(primer_apellido), '') || ' ' || coalesce(plain(segundo_apellido), '')"

MODEL = Model(
    prepare=(
        f"""
        select row as unique_id, plain(nombre) as given, word(plain(nombre), 1) as first_given,
            plain(primer_apellido) as father, plain(segundo_apellido) as mother, {_SURNAMES} as surnames,
            upper(curp) as curp, left(upper(curp), 10) as curp_born, dmy(fecha_nacimiento) as dob, sexo as sex,
            plain(calle) as street, digits(numero) as house, plain(colonia) as colonia, plain(municipio) as town, cp,
            coalesce(plain(colonia), cp) as place
        from list
        """,  # noqa: S608  # all of it stands here
    ),
    comparisons=(
        compare.name("given", (0.92, 0.8)),
        compare.of(
            "surnames",
            compare.level("surnames_l = surnames_r", "both", "surnames"),
            compare.level("father_l = mother_r and mother_l = father_r", "turned"),
            compare.level("father_l = father_r and (mother_l is null or mother_r is null)", "first, no second"),
            compare.level("jaro_winkler_similarity(father_l, father_r) >= 0.9 and "
                          "jaro_winkler_similarity(mother_l, mother_r) >= 0.9", "both alike"),
            compare.level("jaro_winkler_similarity(father_l, father_r) >= 0.9 and "
                          "(mother_l is null or mother_r is null)", "first alike, no second"),
            compare.level("father_l = father_r or mother_l = mother_r", "one of two"),
            compare.level("father_l = mother_r or mother_l = father_r", "one, in the other place"),
        ),
        compare.of(
            "curp",
            compare.level("curp_l = curp_r", "same"),
            compare.level("damerau_levenshtein(curp_l, curp_r) <= 2", "slip"),
            compare.level("damerau_levenshtein(curp_born_l, curp_born_r) <= 1", "name and birth date in it"),
        ),
        compare.birth_date(),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of(
            "place",
            compare.level("street_l = street_r and house_l = house_r", "street and number"),
            compare.level("house_l = house_r and (colonia_l = colonia_r or cp_l = cp_r)", "number and colonia"),
            compare.level("street_l = street_r and cp_l = cp_r", "street and postcode"),
            compare.level("place_l = place_r", "same colonia", "place"),
            compare.level("cp_l = cp_r or jaro_winkler_similarity(place_l, place_r) >= 0.9", "postcode or alike"),
            compare.level("town_l = town_r", "town"),
        ),
    ),
    blocking=(
        block_on("curp"),
        block_on("curp_born"),
        block_on("dob", "left(given, 1)"),
        block_on("first_given", "father"),
        block_on("first_given", "mother"),
        block_on("father", "mother"),
        block_on("first_given", "colonia"),
        block_on("first_given", "substr(dob, 1, 4)"),
        block_on("father", "substr(dob, 1, 4)"),
        block_on("street", "house"),
    ),
    certain=(block_on("curp"), block_on("first_given", "father", "dob")),
    recall=0.7,
    training=(block_on("curp"), block_on("dob"), block_on("first_given", "father")),
    threshold=8.0,
)  # fmt: skip
