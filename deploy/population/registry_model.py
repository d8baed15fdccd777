"""The model that the registry matches with at intake, learned from a constructed population.

`python -m deploy.population.registry_model` writes it anew: the same file for the same program. An installation that
has lists of its own learns a better one with `simpul link --for-registry`, best from a list that was labelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import services.registry.matching
from deploy.population.people import Row, population
from services.registry.matching import model_file
from services.registry.matching.fitting import fitted
from services.registry.matching.linking import Settings, link
from services.registry.matching.model import Model
from services.registry.matching.people import Column, People, Role
from services.registry.matching.values import dates

PATH = Path(services.registry.matching.__file__).with_name("registry.json")
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
    return replace(fitted(linkage, REGISTERED), version=VERSION)


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
