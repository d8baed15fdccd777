"""Shows receipts and copies as they come, until Ctrl-C."""

import asyncio
import json
import os

from aiokafka import AIOKafkaConsumer

SLUG = os.environ["ORGANISATION"].lower()
TOPICS = (f"to.{SLUG}.v1", f"to.{SLUG}.urgent.v1")
LOGIN = {
    "bootstrap_servers": os.environ["KAFKA_URL"],
    "security_protocol": os.environ.get("KAFKA_SECURITY", "SASL_PLAINTEXT"),
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_plain_username": os.environ["KAFKA_USER"],
    "sasl_plain_password": os.environ["KAFKA_PASSWORD"],
}


async def receive() -> None:
    group = {"group_id": f"{SLUG}.example", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(*TOPICS, **LOGIN, **group) as consumer:
        async for message in consumer:
            headers = {name: value.decode() for name, value in message.headers}
            body = json.loads(message.value)
            for receipt in body.get("receipts", []):
                print(receipt.get("record"), receipt["result"], *(p["code"] for p in receipt.get("problems", [])))
            if "receipts" not in body:
                print(headers["ce_id"], headers["ce_type"], body["event"])  # store it here, by ce_id
            await consumer.commit()


asyncio.run(receive())
