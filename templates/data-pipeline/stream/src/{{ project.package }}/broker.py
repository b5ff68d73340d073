"""The broker: how to reach one, and the embedded one that tests and the sample use.

Secrets come from the environment or from a file that a secret store mounts, never from the
settings file: PIPELINE_BROKER_USERNAME, PIPELINE_BROKER_PASSWORD and, where the key of a client
certificate has one, PIPELINE_BROKER_KEY_PASSWORD, each of them also with _FILE behind it.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from .errors import PipelineError
from .settings import Settings, secret

C = TypeVar("C")

EMBEDDED = "embedded"
SECURITY = ("plaintext", "ssl", "sasl_ssl")
WAIT = 10.0  # seconds for an answer of the broker
BY_KEY = -1  # the partition of a record whose key says which one
Headers = Sequence[tuple[str, bytes]]
QUIET = {"log_level": 0}  # librdkafka prints nothing itself: errors come to `error_cb`


@dataclass(frozen=True)
class Broker:
    """The keys `broker_…` of the settings."""

    servers: str
    group: str
    security: str = "plaintext"
    ca: str = ""
    certificate: str = ""
    key: str = ""
    mechanism: str = "SCRAM-SHA-512"

    def __post_init__(self) -> None:
        if self.security not in SECURITY:
            known = ", ".join(SECURITY)
            raise PipelineError(f"broker_security: `{self.security}` is none of {known}")

    @classmethod
    def of(cls, settings: Settings) -> "Broker":
        names = [field.name for field in fields(cls)]
        return cls(**{name: getattr(settings, f"broker_{name}") for name in names})

    def at(self, servers: str) -> "Broker":
        return replace(self, servers=servers)

    def producer(self, **more: Any) -> Producer:
        return _made(Producer, self.client(**more))

    def consumer(self, **more: Any) -> Consumer:
        return _made(Consumer, self.client(**more))

    def admin(self) -> AdminClient:
        return _made(AdminClient, self.client())

    def client(self, **more: Any) -> dict[str, Any]:
        """What every client of the broker is configured with."""
        return {
            "bootstrap.servers": self.servers,
            "client.id": self.group,
            "error_cb": _tell,
            **QUIET,
            **self._security(),
            **more,
        }

    def _security(self) -> dict[str, str]:
        if self.security == "plaintext":
            return {}
        settings = {"security.protocol": self.security}
        files = {"ca": self.ca, "certificate": self.certificate, "key": self.key}
        for name, file in files.items():
            if file and not Path(file).is_file():
                raise PipelineError(f"broker_{name}: there is no file {file}")
            if file:
                settings[f"ssl.{name}.location"] = file
        if password := secret("PIPELINE_BROKER_KEY_PASSWORD"):
            settings["ssl.key.password"] = password
        if self.security == "sasl_ssl":
            settings["sasl.mechanism"] = self.mechanism
            settings["sasl.username"] = _needed("USERNAME")
            settings["sasl.password"] = _needed("PASSWORD")
        return settings


@contextmanager
def embedded() -> Iterator[str]:
    """The address of a broker that lives in this process, in memory, for as long as the block.

    It is the mock of librdkafka: real connections and consumer groups, topics of four partitions
    that are there once they are named, nothing that outlives the process.
    """
    owner = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, **QUIET})
    brokers = owner.list_topics(timeout=WAIT).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)


class Outbox:
    """Sends records; acknowledged by all replicas, and none twice by a retry of the client."""

    def __init__(self, broker: Broker) -> None:
        settings = {"enable.idempotence": True, "message.timeout.ms": 30_000}
        self._producer = broker.producer(**settings)
        self._failed: list[KafkaError] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        partition: int = BY_KEY,
    ) -> None:
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    partition,
                    headers=list(headers),
                    on_delivery=self._delivered,
                )
            except BufferError:  # the queue is full: let it drain
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    def deliver(self) -> None:
        """Wait until the broker has everything."""
        left = self._producer.flush(3 * WAIT)
        failed, self._failed = self._failed, []
        if left or failed:
            why = failed[0].str() if failed else "no answer"
            raise PipelineError(f"the broker did not take {left or len(failed)} records: {why}")

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed.append(error)


def _made(kind: Callable[[dict[str, Any]], C], settings: dict[str, Any]) -> C:
    try:
        return kind(settings)
    except KafkaException as error:
        # A certificate that is none, an unknown mechanism; values are not in the message.
        raise PipelineError(f"broker_…: {error.args[0].str()}") from None


def _needed(name: str) -> str:
    variable = f"PIPELINE_BROKER_{name}"
    if value := secret(variable):
        return value
    raise PipelineError(f"broker_security needs {variable} or {variable}_FILE")


def _tell(error: KafkaError) -> None:
    # The client tries again by itself, so that a broker may go and come back.
    if error.fatal():
        raise KafkaException(error)
    print(f"broker: {error.str()}", file=sys.stderr, flush=True)
