"""Runs a hand-written Splink model on one list, or two."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import csv
from splink import DuckDBAPI, Linker, SettingsCreator

from bench.linkage.f1_scores import Links
from simulation.population.locales import TRUTH

SEED = 1
KEPT = 0.005
"""Pairs less probable than this are not fetched: no threshold anybody would choose is lower."""

_MACROS = r"""
create macro plain(t) as nullif(trim(regexp_replace(lower(strip_accents(t)), '[^a-z0-9]+', ' ', 'g')), '');
create macro digits(t) as nullif(regexp_replace(t, '[^0-9]', '', 'g'), '');
create macro dmy(t) as case length(t) when 10
    then substr(t, 7, 4) || '-' || substr(t, 4, 2) || '-' || substr(t, 1, 2) else t end;
create macro mdy(t) as substr(t, 7, 4) || '-' || substr(t, 1, 2) || '-' || substr(t, 4, 2);
create macro word(t, n) as nullif(split_part(t, ' ', n), '');
create macro turned(t) as array_to_string(list_sort(string_split(t, ' ')), ' ');
"""
"""Cleaning that every analyst has at hand: plain text, digits, dates as YYYY-MM-DD, the n-th word, words in order."""


@dataclass(frozen=True, slots=True)
class Model:
    """What an analyst decides.

    `prepare` is one SELECT per file, or one for both, from the table `list` (all text, NULL where empty, `row` its
    number), which must give `unique_id`. `certain` are rules with hardly a wrong pair that find the share `recall` of
    the matches; EM trains on `training`; what weighs at least `threshold` bits, the prior included, is a link.
    """

    prepare: Sequence[str]
    comparisons: Sequence[Any]
    blocking: Sequence[Any]
    certain: Sequence[Any]
    recall: float
    training: Sequence[Any]
    threshold: float
    sampled: float = 5e6


def link(files: Sequence[Path], model: Model) -> Links:
    """Pairs of rows with their probabilities; rows of the second file count on from those of the first."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set enable_progress_bar = false")
        connection.execute(_MACROS)
        tables, size = [], 0
        for number, file in enumerate(files):
            listed = _read(file, start=size)
            size += len(listed)
            connection.register("list", listed)
            connection.execute(f"create table prepared_{number} as {model.prepare[number % len(model.prepare)]}")
            tables.append(f"prepared_{number}")
        return _trained_and_applied(connection, tables, size, model)


def _trained_and_applied(connection: duckdb.DuckDBPyConnection, tables: list[str], size: int, model: Model) -> Links:
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=list(model.blocking),
        retain_matching_columns=False,
    )
    linker = Linker([api.register(table, table_name=f"in_{table}") for table in tables], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(list(model.certain), recall=model.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=model.sampled, seed=SEED)
    for rule in model.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=model.sampled)
    scored = linker.inference.predict(threshold_match_probability=KEPT)
    predictions: pa.Table = scored.as_pyarrow_table()  # type: ignore[no-untyped-call]
    left, right = (predictions.column(name).to_numpy().astype(np.int32) for name in ("unique_id_l", "unique_id_r"))
    return Links(size, left, right, predictions.column("match_probability").to_numpy().astype(np.float64))


def _read(file: Path, start: int) -> pa.Table:
    header = csv.read_csv(file, read_options=csv.ReadOptions(block_size=1 << 20)).column_names
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()),
        include_columns=[name for name in header if name != TRUTH],
        strings_can_be_null=True,
        null_values=[""],
    )
    listed = csv.read_csv(file, convert_options=options)
    return listed.append_column("row", pa.array(range(start, start + len(listed)), pa.int64()))
