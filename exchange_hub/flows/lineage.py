"""OpenLineage events (血缘): for each stage of each batch what it read and what it wrote, with the contract release.

Sent only where `HUB_OPENLINEAGE_FILE` or `HUB_OPENLINEAGE_URL` says so. An event names the package's object, tables,
counts, batch and platform, never a value of a record. What cannot be sent is logged and given up: the warehouse has
the whole truth, lineage repeats it for catalogues.
Source: OpenLineage 2-0-2; one START and one COMPLETE or FAIL per run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from exchange_hub.core.settings import Settings
from exchange_hub.flows.lineage_facets import PRODUCER, BatchRunFacet, ContractDatasetFacet
from warehouse.lineage import BatchLineage

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent

JOBS = "exchange-hub"  # namespace of the jobs


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage of one batch, ended. `error`: class of our own fault, where it failed."""

    stage: str
    platform_code: str
    batch_no: str
    begun: datetime
    seconds: float
    error: str | None = None


def configured(settings: Settings) -> bool:
    """Whether events go anywhere."""
    return settings.openlineage_file is not None or settings.openlineage_url is not None


def send(settings: Settings, run: StageRun, found: BatchLineage) -> None:
    """Send the events of a stage run.

    Raises:
        Exception: whatever the transport raises; the caller logs it.
    """
    client = _client(settings.openlineage_url, _secret(settings), str(settings.openlineage_file or ""))
    for event in events(run, found, settings.database()):
        client.emit(event)


def events(run: StageRun, found: BatchLineage, database_url: str) -> Iterator["RunEvent"]:
    """START and COMPLETE (or FAIL) of a stage run, under one run id."""
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.uuid import generate_static_uuid

    place = f"{run.platform_code}|{run.batch_no}|{run.stage}"
    this = Run(str(generate_static_uuid(run.begun, place.encode())), facets=_run_facets(run, found))
    job = Job(JOBS, run.stage)
    done = run.error is None
    inputs, outputs = _inputs(run, found), _outputs(run, found, database_url) if done else []
    times = ((RunState.START, run.begun), (RunState.COMPLETE if done else RunState.FAIL, _end(run)))
    for state, at in times:
        last = state is not RunState.START
        yield RunEvent(
            eventTime=at.isoformat(timespec="milliseconds"),
            producer=PRODUCER,
            run=this,
            job=job,
            eventType=state,
            inputs=inputs,
            outputs=outputs if last else [],
        )


def _end(run: StageRun) -> datetime:
    return run.begun + timedelta(seconds=run.seconds)


def _run_facets(run: StageRun, found: BatchLineage) -> dict[str, Any]:
    from openlineage.client.generated.error_message_run import ErrorMessageRunFacet

    facets: dict[str, Any] = {
        "exchangeHub_batch": BatchRunFacet(
            platformCode=run.platform_code,
            batchNo=run.batch_no,
            contractVersion=found.contract_version,
            producer=PRODUCER,
        )
    }
    if run.error is not None:  # the class alone: a message may quote what somebody sent
        facets["errorMessage"] = ErrorMessageRunFacet(run.error, "Python", producer=PRODUCER)
    return facets


def _inputs(run: StageRun, found: BatchLineage) -> list["InputDataset"]:
    from openlineage.client.event_v2 import InputDataset

    if run.stage == "receive":
        return []  # the sender's own place: not ours to name
    return [InputDataset(*_object(found.raw_uri), facets=_contract(found))]


def _outputs(run: StageRun, found: BatchLineage, database_url: str) -> list["OutputDataset"]:
    from openlineage.client.event_v2 import OutputDataset

    if run.stage == "receive":
        return [OutputDataset(*_object(found.raw_uri), facets=_contract(found))]
    if run.stage == "notify":
        return [OutputDataset(*_object(uri)) for uri in found.notice_files]
    if run.stage != "load":
        return []
    told = conninfo_to_dict(database_url)
    space = f"postgres://{told.get('host', 'localhost')}:{told.get('port', 5432)}"
    tables = {f"exchange.{name.lower()}": count for name, count in sorted(found.datasets.items())}
    aside = {"hub.quarantine": found.rejected, "hub.held": found.held}
    written = {**tables, **{table: count for table, count in aside.items() if count}}
    name = told.get("dbname", "hub")
    return [_table(space, f"{name}.{table}", count, found) for table, count in written.items()]


def _table(space: str, name: str, count: int, found: BatchLineage) -> "OutputDataset":
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.generated.output_statistics_output_dataset import OutputStatisticsOutputDatasetFacet

    counted = OutputStatisticsOutputDatasetFacet(rowCount=count, producer=PRODUCER)
    return OutputDataset(space, name, facets=_contract(found), outputFacets={"outputStatistics": counted})


def _contract(found: BatchLineage) -> dict[str, Any]:
    if found.contract_version is None:
        return {}
    return {"exchangeHub_contract": ContractDatasetFacet(contractVersion=found.contract_version, producer=PRODUCER)}


def _object(uri: str) -> tuple[str, str]:
    """Namespace and name of an object: s3://bucket and its key."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    return f"{scheme}://{bucket}", key


def _secret(settings: Settings) -> str:
    return settings.openlineage_api_key.get_secret_value() if settings.openlineage_api_key else ""


@lru_cache(maxsize=4)
def _client(url: str | None, api_key: str, file: str) -> "OpenLineageClient":
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport

    if url is None:
        return OpenLineageClient(transport=FileTransport(FileConfig(file, append=True)))
    server = HttpConfig(url, timeout=2.0, retry={"total": 1})
    if api_key:
        server.auth = ApiKeyTokenProvider({"apiKey": api_key})
    return OpenLineageClient(transport=HttpTransport(server))
