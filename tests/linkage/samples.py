"""Lists of persons as columns, and the people in them, so that a test names only what matters."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from linkage.model import Model, model_file
from linkage.people import Column, People, Role, from_rows
from linkage.values import dates
from simulation.population.generate import Population

Row = Mapping[Role, str]

AMINAH: Row = {
    "full_name": "Siti Aminah Karso",
    "mother_name": "Karsinem",
    "birth_date": "1990-05-12",
    "sex": "P",
    "nik": "3307995205900001",
    "passport": "Z1234567",
    "phone": "083412345678",
    "email": "aminah.karso@contoh.id",
    "street": "Jl. Melati 5",
    "regency": "Kab. Wonosobo",
}

COLUMNS: Mapping[str, Role] = {
    "nama_lengkap": "full_name",
    "alias": "alias",
    "nama_ibu": "mother_name",
    "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex",
    "alamat": "street",
    "desa": "village",
    "kecamatan": "district",
    "kabupaten": "regency",
    "provinsi": "province",
    "kode_pos": "postcode",
    "no_hp": "phone",
    "email": "email",
    "nik": "nik",
    "paspor": "passport",
    "no_kk": "other_id",
    "sumber": "other_text",
}
"""The roles of the columns of a test population."""

_WOMEN = ("Dewi", "Ratna", "Wati", "Sri", "Yuni", "Lestari", "Fitri", "Maryam", "Endang", "Rukmini", "Nurul", "Indah")
_MEN = ("Budi", "Agus", "Slamet", "Wayan", "Joko", "Hendra", "Ahmad", "Bambang", "Supri", "Darmawan", "Eko", "Teguh")
_LAST = (
    "Santoso",
    "Wijaya",
    "Hidayat",
    "Nugroho",
    "Susanto",
    "Rahayu",
    "Pratama",
    "Saputra",
    "Gunawan",
    "Setiawan",
    "Utomo",
    "Purnomo",
)
_REGENCIES = ("Wonosobo", "Brebes", "Malang", "Cianjur", "Indramayu", "Kendal", "Ponorogo", "Sambas", "Merauke", "Bone")


def listed(*rows: Row, second: int | None = None) -> People:
    """A list of these records, or two of which the second begins at `second`."""
    found = from_rows([str(n) for n in range(len(rows))], rows)
    return People(found.ids, found.columns, second)


def aminah(without: Sequence[Role] = (), /, **changes: str) -> Row:
    """The record of a woman, otherwise only where it is said."""
    return {role: value for role, value in (AMINAH | changes).items() if role not in without}  # type: ignore[operator]


def crowd(count: int, seed: int = 1) -> list[Row]:
    """So many people of whom no two are one, each with all that AMINAH has."""
    rng = Random(seed)
    return [_person(rng, n) for n in range(count)]


def _person(rng: Random, n: int) -> Row:
    woman = rng.random() < 0.5
    year, month, day = rng.randrange(1960, 2005), rng.randrange(1, 13), rng.randrange(2, 29)
    first, last = rng.choice(_WOMEN if woman else _MEN), rng.choice(_LAST)
    return {
        "full_name": f"{first} {last}",
        "mother_name": f"{rng.choice(_WOMEN)} {rng.choice(_LAST)}",
        "birth_date": f"{year}-{month:02}-{day:02}",
        "sex": "P" if woman else "L",
        "nik": f"33{rng.randrange(1, 30):02}99{day + 40 * woman:02}{month:02}{year % 100:02}{n % 9000 + 1:04}",
        "passport": f"Z{7_654_321 + 7 * n:07}",
        "phone": f"0835{10_000_019 + 7_919 * n:08}",
        "email": f"{first}.{last}{n}@contoh.id".lower(),
        "street": f"Jl. {rng.choice(_LAST)} {rng.randrange(1, 99)}",
        "regency": f"Kab. {rng.choice(_REGENCIES)}",
    }


def of_population(made: Population) -> People:
    """A test population as a list."""
    columns = []
    for n, header in enumerate(made.header):
        if header in COLUMNS:
            values = [row[n] for row in made.rows]
            if COLUMNS[header] == "birth_date":
                values = [dates.iso(dates.parse(value, "dmy") or dates.UNKNOWN) for value in values]
            columns.append(Column(COLUMNS[header], header, values))
    return People([row[0] for row in made.rows], tuple(columns))


@cache
def registry_model() -> Model:
    """The model that the registry matches with at intake: fixed, with frequencies of its own."""
    return model_file.read(model_file.REGISTRY)
