"""A real S3 server on loopback: OpenStack Swift with its s3api, four processes, in an environment of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY, SECRET = "test:tester", "testing"
READER, READING = "test:reader", "reading"  # may read what a bucket lets everybody read, and write nowhere
STARTUP_S, STOP_S = 60, 10
STORAGE = ("account", "container", "object")
PIPELINE = (
    "catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink "
    "proxy-server"
)
RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(6, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": int(port),
                     "replication_ip": "127.0.0.1", "replication_port": int(port), "device": "disk", "meta": ""})
    builder.rebalance(seed=1)
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""


@dataclass(frozen=True, slots=True)
class S3:
    """Where the server listens and who may ask it."""

    endpoint: str
    key: str = KEY
    secret: str = SECRET

    @property
    def environment(self) -> dict[str, str]:
        """What DVC and every AWS client need to find it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def running(folder: Path, python: Path) -> Iterator[S3]:
    """Give a server that keeps its objects in a folder; it is gone afterwards.

    Args:
        folder: an empty one, on a file system with extended attributes.
        python: of the environment that has swift.
    """
    ports = _free_ports(4)
    (folder / "devices" / "disk").mkdir(parents=True)
    _write_configs(folder, ports)
    subprocess.run([str(python), "-c", RINGS, str(folder), *map(str, ports[1:])], check=True, timeout=STARTUP_S)
    names = ("proxy", *STORAGE)
    with (folder / "log").open("wb") as log:
        servers = [
            subprocess.Popen(
                [str(python.parent / f"swift-{name}-server"), str(folder / f"{name}.conf")],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "SWIFT_CONF_FILE": str(folder / "swift.conf")},
                start_new_session=True,
            )
            for name in names
        ]
        try:
            _wait(ports, servers, folder / "log")
            yield S3(f"http://127.0.0.1:{ports[0]}")
        finally:
            for server in servers:
                _stop(server)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _write_configs(folder: Path, ports: list[int]) -> None:
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = captureset\n", encoding="utf-8")
    common = f"[DEFAULT]\nbind_ip = 127.0.0.1\nswift_dir = {folder}\nworkers = 0\nlog_level = WARNING\n"
    for name, port in zip(STORAGE, ports[1:], strict=True):
        text = (
            f"{common}bind_port = {port}\ndevices = {folder / 'devices'}\nmount_check = false\n"
            f"[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = egg:swift#{name}\n"
        )
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n{more}" for name, more in _filters().items())
    proxy = (
        f"{common}bind_port = {ports[0]}\n[pipeline:main]\npipeline = {PIPELINE}\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n"
        f"{filters}"
    )
    (folder / "proxy.conf").write_text(proxy, encoding="utf-8")


def _filters() -> dict[str, str]:
    more = {
        "tempauth": f"user_{KEY.replace(':', '_')} = {SECRET} .admin\nuser_{READER.replace(':', '_')} = {READING}\n",
        "versioned_writes": "allow_object_versioning = true\n",
        "s3api": "s3_acl = false\ndns_compliant_bucket_names = true\n",
    }
    return {name: more.get(name, "") for name in PIPELINE.split()[:-1]}


def _wait(ports: list[int], servers: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + STARTUP_S
    for port in ports:
        while True:
            if any(server.poll() is not None for server in servers) or time.monotonic() > deadline:
                raise RuntimeError(f"the S3 server did not start: {log.read_text(errors='replace')[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
