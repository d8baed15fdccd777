"""Finds what identifies the simulated people in anything that should not hold it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.kafka import KafkaLogin
from simulation.scenario.people import SimulatedPerson

_SEALED = re.compile(rb"[A-Za-z0-9_-]{44,}={0,2}|[A-Za-z0-9+/]{44,}={0,2}")
"""Ciphertext in base64: by chance a short name stands in a few megabytes of it."""
_WORD = re.compile(rb"[A-Za-z\xc3][A-Za-z\x80-\xff]*")
_DIGITS = re.compile(rb"\d{10,}")
_PASSPORT = re.compile(rb"Z\d{7}")


@dataclass(frozen=True, slots=True)
class Leak:
    """Where something stands that must not, and what kind of thing it is; never the thing itself."""

    place: str
    kind: str


class IdentifierScanner:
    """Finds identifiers in bytes: numbers wherever they stand, words and phrases at word boundaries.

    `words` are further texts to look for, such as names that partners gave their systems.
    """

    def __init__(self, people: Iterable[SimulatedPerson], words: Iterable[str] = ()) -> None:
        self._phrases: dict[bytes, set[bytes]] = {}
        self._numbers: set[bytes] = set()
        for text in {text for person in people for text in person.identifiers()} | set(words):
            self._add(text.encode())
        self._lengths = sorted({len(number) for number in self._numbers if number.isdigit()})

    def _add(self, text: bytes) -> None:
        if text.isdigit() or _PASSPORT.fullmatch(text):
            self._numbers.add(text)
        elif word := _WORD.search(text):
            self._phrases.setdefault(word[0], set()).add(text[word.start() :])

    def find(self, content: bytes) -> Iterator[str]:
        """The kind of each identifier that stands in `content`."""
        for run in _DIGITS.findall(content):
            for length in self._lengths:
                if any(run[start : start + length] in self._numbers for start in range(len(run) - length + 1)):
                    yield f"number of {length} digits"
        for passport in _PASSPORT.findall(content):
            if passport in self._numbers:
                yield "passport number"
        plain = _SEALED.sub(b" ", content)
        for word in _WORD.finditer(plain):
            for phrase in self._phrases.get(word[0], ()):
                if plain.startswith(phrase, word.start()) and not _continues(plain, word.start() + len(phrase)):
                    yield "name or text"

    def leaks(self, parts: Mapping[str, bytes]) -> list[Leak]:
        """Of several places at once."""
        return [Leak(place, kind) for place, content in parts.items() for kind in self.find(content)]


def _continues(content: bytes, end: int) -> bool:
    return content[end : end + 1].isalpha()


async def scan_topics(login: KafkaLogin, topics: Iterable[str], scanner: IdentifierScanner) -> tuple[int, list[Leak]]:
    """Every byte of these topics: keys, values, header names and values. Returns how many records there were."""
    count, leaks = 0, list[Leak]()
    async for topic, parts in _records(login, topics):
        count += 1
        leaks += scanner.leaks({f"{topic} {part}": content for part, content in parts.items()})
    return count, leaks


async def _records(login: KafkaLogin, topics: Iterable[str]) -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    metadata = (await asyncio.to_thread(login.admin().list_topics, timeout=30)).topics
    places = [TopicPartition(name, partition) for name in topics for partition in metadata[name].partitions]
    consumer = AIOKafkaConsumer(**login.client, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        unread = {place for place in places if await consumer.position(place) < ends[place]}
        while unread:
            for place, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    headers = b"\n".join(name.encode() + b": " + value for name, value in record.headers)
                    yield place.topic, {"key": record.key or b"", "value": record.value or b"", "headers": headers}
                if await consumer.position(place) >= ends[place]:
                    unread.discard(place)
    finally:
        await consumer.stop()


def scan_files(folder: Path, scanner: IdentifierScanner) -> tuple[int, list[Leak]]:
    """Every line of every log file under a folder. Returns how many lines there were."""
    count, leaks = 0, list[Leak]()
    for file in sorted(folder.glob("**/*.log*")):
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                count += 1
                leaks += scanner.leaks({f"{file.name}:{number}": line})
    return count, leaks
