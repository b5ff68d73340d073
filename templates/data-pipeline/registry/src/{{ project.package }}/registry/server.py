"""The schema registry where one runs: asked whether it agrees, told what is new."""

from collections.abc import Iterator, Sequence

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from .subjects import Registry, SchemaError, Subject


def client(registry: Registry) -> SchemaRegistryClient:
    settings: dict[str, str] = {"url": registry.url}
    if registry.user:
        settings["basic.auth.user.info"] = f"{registry.user}:{registry.password}"
    # Not the constructor: only this knows the registry in memory (mock://), which tests use.
    return SchemaRegistryClient.new_client(settings)


def register(server: SchemaRegistryClient, subjects: Sequence[Subject]) -> Iterator[str]:
    """Make all versions known, in their order; what is known already stays as it is."""
    for subject in subjects:
        for version in subject.versions:
            try:
                number = server.register_schema(subject.name, Schema(version.text, "AVRO"))
            except SchemaRegistryError as error:
                raise SchemaError(f"the registry refuses {version.path}: {error}") from None
            except Exception as error:
                raise SchemaError(f"the registry cannot be reached: {error}") from None
            yield f"{subject.name} {version.number}: known as id {number}"


def disagreements(server: SchemaRegistryClient, subjects: Sequence[Subject]) -> Iterator[str]:
    """Where the registry would refuse the newest version that the repository has."""
    for subject in subjects:
        try:
            if subject.name not in server.get_subjects():
                continue
            schema = Schema(subject.latest.text, "AVRO")
            if not server.test_compatibility(subject.name, schema):
                yield f"the registry refuses {subject.latest.path}, by its own rule for {subject.name}"
        except SchemaRegistryError as error:
            raise SchemaError(f"the registry cannot judge {subject.latest.path}: {error}") from None
        except Exception as error:
            raise SchemaError(f"the registry cannot be reached: {error}") from None
