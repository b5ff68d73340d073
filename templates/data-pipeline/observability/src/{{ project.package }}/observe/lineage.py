"""Where data came from, as OpenLineage events: one pair for each step, in a file or at a collector.

The file is beside the tables. Where OPENLINEAGE_URL is set, events go there instead, which is how
Marquez and others are fed; its other variables are those of the OpenLineage client.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    error_message_run,
    output_statistics_output_dataset,
    schema_dataset,
)
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.uuid import generate_new_uuid

log = logging.getLogger(__name__)

# Whose events these are; the standard wants an address.
PRODUCER = f"urn:pipeline:{__package__}"


@dataclass(frozen=True)
class Dataset:
    place: str  # a path
    columns: Mapping[str, str]
    rows: int | None = None


@dataclass(frozen=True)
class Lineage:
    path: Path
    namespace: str

    @contextmanager
    def step(
        self, name: str, inputs: Sequence[str], outputs: Callable[[], Sequence[Dataset]]
    ) -> Iterator[None]:
        """Tells that a step began, and how it ended."""
        run = generate_new_uuid()
        sources = [InputDataset(*_name(place)) for place in inputs]
        self._emit(RunState.START, name, Run(str(run)), sources, [])
        try:
            yield
        except Exception as error:
            fault = error_message_run.ErrorMessageRunFacet(str(error), "python")
            failed = Run(str(run), {"errorMessage": fault})
            self._emit(RunState.FAIL, name, failed, sources, [])
            raise
        made = [_output(dataset) for dataset in outputs()]
        self._emit(RunState.COMPLETE, name, Run(str(run)), sources, made)

    def _emit(
        self,
        state: RunState,
        name: str,
        run: Run,
        inputs: list[InputDataset],
        outputs: list[OutputDataset],
    ) -> None:
        event = RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            producer=PRODUCER,
            run=run,
            job=Job(self.namespace, name),
            inputs=inputs,
            outputs=outputs,
        )
        try:
            self._client().emit(event)
        except Exception as error:
            # Whoever collects lineage may be away: that is no reason to stop the data.
            log.warning("lineage: %s of %s could not be told: %s", state.value, name, error)

    def _client(self) -> OpenLineageClient:
        if os.environ.get("OPENLINEAGE_URL"):
            return OpenLineageClient()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return OpenLineageClient(transport=FileTransport(FileConfig(str(self.path), append=True)))


def _output(dataset: Dataset) -> OutputDataset:
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name, kind)
        for name, kind in dataset.columns.items()
    ]
    rows = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(dataset.rows)
    return OutputDataset(
        *_name(dataset.place),
        outputFacets={"outputStatistics": rows},
        facets={"schema": schema_dataset.SchemaDatasetFacet(fields)},
    )


def _name(place: str) -> tuple[str, str]:
    """What the standard calls it: whose it is, and its name there."""
    return "file", str(Path(place).resolve())
