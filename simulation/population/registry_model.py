"""The model that the registry matches with at intake, learned from a constructed population.

`python -m simulation.population.registry_model` writes it anew: the same file for the same program. An
installation that has lists of its own learns a better one with `simpul link --for-registry`, best from a labelled list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from linkage.model import Model, model_file
from linkage.model.registry_fit import fit_for_registry
from linkage.people import Column, People, Role
from linkage.pipeline import Settings, link
from linkage.values import dates
from simulation.population.generate import Row, population

PATH = model_file.REGISTRY
VERSION = "registry-1"
RECORDS, SEED = 60_000, 20_261_122
REGISTERED = 2_300_000
"""Citizens abroad whom Kemlu had registered in 2023 (`reference_figures.csv`): among so many a record is looked up."""

COLUMNS: Mapping[str, Role] = {
    "nama_lengkap": "full_name",
    "nama_ibu": "mother_name",
    "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex",
    "no_hp": "phone",
    "alamat": "street",
    "kabupaten": "regency",
    "nik": "nik",
    "paspor": "passport",
}


def learned(records: int = RECORDS, seed: int = SEED) -> Model:
    """The model, with the frequencies of names, and limits for a registry of the size it is meant for."""
    made = population(records, "medium", seed)
    linkage = link(_people(made.header, made.rows), settings=Settings(seed=seed))
    return replace(fit_for_registry(linkage, REGISTERED), version=VERSION)


def main() -> None:
    """Write the model."""
    model_file.write(learned(), PATH)


def _people(header: Sequence[str], rows: Sequence[Row]) -> People:
    columns = []
    for name, role in COLUMNS.items():
        at = header.index(name)
        values = [row[at] for row in rows]
        columns.append(Column(role, role, [_written(role, value) for value in values]))
    return People([row[0] for row in rows], tuple(columns))


def _written(role: Role, value: str) -> str:
    """As the registry has it: dates by part."""
    if role == "birth_date" and value:
        return dates.iso(dates.parse(value, "dmy") or dates.Date(0, 0, 0))
    return value


if __name__ == "__main__":
    main()
