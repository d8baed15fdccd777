"""Publication on a real broker: all of it, in order, or an error that says so."""

import pytest
from aiokafka.errors import KafkaError

from chassis.messaging.publisher import Message, Publisher
from tests.chassis.counting import SERVICE, Place, ids


def a_message(topic: str, size: int = 10) -> Message:
    return Message(topic, ids(1)[0].encode(), b"x" * size, [])


@pytest.mark.parametrize("bad", [0, 1, 4])
async def test_an_error_of_any_of_several_messages_raises(place: Place, bad: int) -> None:
    good, narrow = place.names.commands(SERVICE), f"{place.names.prefix}narrow"
    place.kafka.make_topics(narrow, config={"max.message.bytes": "500"})
    publisher = Publisher(place.settings)
    messages = [a_message(narrow, 5000) if n == bad else a_message(good) for n in range(5)]
    try:
        with pytest.raises(KafkaError):
            await publisher.send_all(messages)
        await publisher.send_all([a_message(good), a_message(narrow)])
    finally:
        await publisher.stop()
    assert len(await place.read(narrow)) == 1
