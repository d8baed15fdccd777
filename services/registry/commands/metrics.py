"""What the registry counts of the batches that it committed."""

from prometheus_client import Counter, Histogram

from services.registry.commands.loaded_batch import LoadedBatch
from services.registry.domain.person import Person

NEWCOMERS = Counter("simpul_registry_newcomers_total", "Whom no identifier led to, and what became of them", ["result"])
FACTS = Histogram(
    "simpul_registry_person_facts", "Facts of each person that changed", buckets=(10, 100, 500, 1000, 1500, 1900)
)
OVERSHARED = Counter(
    "simpul_registry_overshared_total", "Identifiers carried by so many that they link nobody any more"
)


def count(batch: LoadedBatch) -> None:
    """After its commit."""
    if batch.matches:
        for result, number in batch.matches.counts.items():
            NEWCOMERS.labels(result).inc(number)
    for person in batch.persons.changed.values():
        if isinstance(person, Person):
            FACTS.observe(len(person.actions) + len(person.merge_records))
    OVERSHARED.inc(sum(not entry.links for entry in batch.entries.changed.values()))
