"""A real Dask cluster that speaks TLS, with the certificates and settings of docs/cluster.md; whoever has others is told what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cluster_helpers import TESTS, Cluster, cluster
from conftest import need_program
from distributed import Security

GUIDE = (TESTS.parent / "docs" / "cluster.md").read_text().partition("### TLS\n")[2].partition("\n### ")[0]
FOLDER = "/etc/qa-audit/tls"
CLIENT = """
import sys
import workers_helpers as helpers
from qa_audit.errors import WorkerError
from qa_audit.workers import run_tasks

try:
    done = dict(run_tasks(helpers.obey, [f"say {i}" for i in range(6)], prepare=helpers.prepared, processes=0, timeout=30, cluster=sys.argv[1]))
    print(*(f"{task}={answer.partition(': ')[2]}" for task, answer in sorted(done.items())), sep="|")
except WorkerError as error:
    print("WorkerError", error)
"""
SECONDS = 12
"""Less than any of Dask's own limits, so that whoever waits for one is found out."""
TLS = "DASK_DISTRIBUTED__COMM__TLS__"


def make_certificates(folder: Path) -> Path:
    """Those of the guide, by its own commands."""
    need_program("openssl")
    folder.mkdir()
    for command in re.findall(r"^\$ (openssl .*)$", GUIDE, re.MULTILINE):
        subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Path:
    """A folder with the certificates, and with Dask's configuration as the guide has it."""
    folder = make_certificates(tmp_path_factory.mktemp("home") / "tls")
    configuration = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert configuration is not None
    (folder / "tls.yaml").write_text(configuration[1].replace(FOLDER, str(folder)))
    return folder


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> Path:
    """Certificates of somebody else."""
    return make_certificates(tmp_path_factory.mktemp("other") / "tls")


@pytest.fixture(scope="module")
def machines(ours, tmp_path_factory) -> Iterator[Cluster]:
    cert, key = str(ours / "machine.pem"), str(ours / "machine.key")
    security = Security(tls_ca_file=str(ours / "ca.pem"), tls_client_cert=cert, tls_client_key=key, require_encryption=True)
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2, environment={"DASK_CONFIG": str(ours)}, security=security) as started:
        yield started


def client(address: str, environment: Mapping[str, str]) -> str:
    """What a coordinator in a process of its own gets; it must end in time, and say nothing besides."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, address],
        env={name: value for name, value in os.environ.items() if not name.startswith("DASK")} | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def in_environment(folder: Path, *, ca: Path | None = None) -> dict[str, str]:
    """The settings as environment variables."""
    files = {"CA_FILE": (ca or folder) / "ca.pem", "CLIENT__CERT": folder / "machine.pem", "CLIENT__KEY": folder / "machine.key"}
    return {f"{TLS}{name}": str(file) for name, file in files.items()}


ANSWERS = "|".join(f"say {i}=say {i}" for i in range(6))


def test_tasks_are_answered_over_tls_as_the_guide_has_it(machines, ours):
    assert client(machines.address, {"DASK_CONFIG": str(ours)}) == ANSWERS
    assert client(machines.address, in_environment(ours)) == ANSWERS
    assert "tls://127.0.0.1" in machines.said()
    assert "tcp://" not in machines.said()


def test_whoever_comes_without_tls_is_told(machines):
    said = client(machines.address.replace("dask+tls", "dask"), {})
    assert re.match(r"WorkerError no Dask scheduler answers at dask://127\.0\.0\.1:\d+ \(.*\); .*write dask\+tls:// for TLS$", said)


def test_whoever_wants_tls_and_names_an_address_without_is_told(machines, ours):
    said = client(machines.address.replace("dask+tls", "dask"), {"DASK_CONFIG": str(ours)})
    assert "distributed.comm.require-encryption forbids; write dask+tls://HOST:PORT" in said


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), "no distributed.comm.tls.ca-file and distributed.comm.tls.client.cert and distributed.comm.tls.client.key"),
        (("CLIENT__CERT", "CLIENT__KEY"), "no distributed.comm.tls.ca-file;"),
        (("CA_FILE",), "no distributed.comm.tls.client.cert and distributed.comm.tls.client.key;"),
    ],
)
def test_whoever_has_no_certificates_is_told_what_to_configure(machines, ours, given, missing):
    some = {f"{TLS}{name}": in_environment(ours)[f"{TLS}{name}"] for name in given}
    said = client(machines.address, some)
    assert said.startswith(f"WorkerError {machines.address} wants TLS, and Dask's configuration has {missing}")
    assert said.endswith("see TLS in docs/cluster.md")


def test_certificates_that_are_not_there_are_named(machines, ours, tmp_path):
    said = client(machines.address, in_environment(ours) | {f"{TLS}CLIENT__KEY": str(tmp_path / "gone.key")})
    assert "No such file" in said
    assert f"distributed.comm.tls.client.key {tmp_path / 'gone.key'}" in said


def test_certificates_of_another_authority_are_refused_on_both_sides(machines, ours, others):
    for environment in (in_environment(others), in_environment(others, ca=ours)):
        said = client(machines.address, environment)
        assert "all certificates must be of one CA, see docs/cluster.md" in said


def test_a_scheduler_without_tls_is_told(ours, tmp_path):
    with cluster(tmp_path, workers=0) as plain:
        said = client(plain.address.replace("dask", "dask+tls"), in_environment(ours))
    assert "start one with TLS" in said
