"""The demonstration list: five columns, each missing here and there."""

from splink import block_on
from splink import comparison_library as library

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

MODEL = Model(
    prepare=(
        """
        select row as unique_id, plain(first_name) as first_name, plain(surname) as surname, dob, plain(city) as city,
            lower(email) as email
        from list
        """,
    ),
    comparisons=(
        library.ForenameSurnameComparison("first_name", "surname", jaro_winkler_thresholds=[0.92, 0.85]),
        compare.birth_date(),
        compare.name("city", (0.9,)),
        library.EmailComparison("email"),
    ),
    blocking=(
        block_on("email"),
        block_on("dob"),
        block_on("first_name", "surname"),
        block_on("surname", "substr(dob, 1, 4)"),
        block_on("first_name", "substr(dob, 1, 4)"),
        block_on("surname", "city"),
        block_on("split_part(email, '@', 1)"),
    ),
    certain=(block_on("email"), block_on("first_name", "surname", "dob")),
    recall=0.75,
    training=(block_on("email"), block_on("dob"), block_on("first_name", "surname")),
    threshold=-1.0,
)
