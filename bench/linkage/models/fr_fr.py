"""The French town hall and the association: name of birth here, name in use there; birth date, address and phone."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        """
        select row as unique_id, word(plain(prenoms), 1) as given, plain(nom_naissance) as surname,
            plain(prenoms) || ' ' || plain(nom_naissance) as whole, dmy(date_naissance) as dob,
            left(dmy(date_naissance), 4) as year, case sexe when '1' then 'M' when '2' then 'F' end as sex,
            plain(adresse) as street, cp, plain(commune) as town,
            right(digits(tel), 9) as phone
        from list
        """,
        """
        select row as unique_id, word(plain("Nom complet"), 1) as given,
            list_extract(string_split(plain("Nom complet"), ' '), -1) as surname, plain("Nom complet") as whole,
            "Né(e) le" as dob, left("Né(e) le", 4) as year,
            case "Civilité" when 'M.' then 'M' when 'Mme' then 'F' end as sex,
            plain("Rue") as street, left("Ville", 5) as cp, plain(substr("Ville", 7)) as town,
            right(digits("Portable"), 9) as phone
        from list
        """,
    ),
    comparisons=(
        compare.of(
            "given",
            compare.level("given_l = given_r", "same", "given"),
            compare.level("jaro_winkler_similarity(given_l, given_r) >= 0.88", "alike"),
            compare.level("given_l = surname_r or surname_l = given_r", "in the other's place"),
        ),
        compare.of(
            "surname",
            compare.level("surname_l = surname_r", "same", "surname"),
            compare.level("jaro_winkler_similarity(surname_l, surname_r) >= 0.88", "alike"),
            compare.level("given_l = surname_r or surname_l = given_r", "in the other's place"),
        ),
        compare.birth_date(),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of(
            "street",
            compare.level("street_l = street_r and town_l = town_r", "street and town"),
            compare.level("street_l = street_r", "street", "street"),
            compare.level("jaro_winkler_similarity(street_l, street_r) >= 0.9", "street alike"),
            compare.level("town_l = town_r or cp_l = cp_r", "town"),
        ),
        compare.number("phone"),
    ),
    blocking=(
        block_on("phone"),
        block_on("dob"),
        block_on("street", "town"),
        block_on("given", "surname"),
        block_on("given", "year"),
        block_on("surname", "year"),
        block_on("surname", "cp"),
        block_on("given", "cp"),
    ),
    certain=(block_on("given", "surname", "dob"), block_on("phone", "given")),
    recall=0.75,
    training=(block_on("dob"), block_on("given", "surname")),
    threshold=7.0,
)
