"""Sends one record: `python producer.py TYPE RECORD-ID < body.json`."""

import asyncio
import os
import ssl
import sys

from aiokafka import AIOKafkaProducer

ORGANISATION = os.environ["ORGANISATION"]
LOGIN = {
    "bootstrap_servers": os.environ["KAFKA_URL"],
    "security_protocol": os.environ.get("KAFKA_SECURITY", "SASL_PLAINTEXT"),  # SASL_SSL beyond one machine
    "ssl_context": ssl.create_default_context(cafile=os.environ.get("KAFKA_CA")),
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_plain_username": os.environ["KAFKA_USER"],
    "sasl_plain_password": os.environ["KAFKA_PASSWORD"],
}


async def send(ce_type: str, record_id: str, body: bytes) -> None:
    lane = ".urgent" if ce_type.startswith("partner.alert.") else ""
    attributes = {"specversion": "1.0", "id": record_id, "source": f"/{ORGANISATION}/example", "type": ce_type}
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    async with AIOKafkaProducer(**LOGIN, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(f"from.{ORGANISATION.lower()}{lane}.v1", body, headers=headers)


asyncio.run(send(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()))
