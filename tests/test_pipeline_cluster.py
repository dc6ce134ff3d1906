"""Real recordings in a bucket, heard and marked here and on a Dask cluster of which a machine dies: the same marks, each call once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from cluster_helpers import cluster
from conftest import need_program
from pipeline_helpers import night, own_rules, run

from qa_audit import pipeline
from qa_audit.config import Config, Defaults, Recordings, Speech, Work
from qa_audit.pipeline.places import opened_store

SAMPLES = Path(__file__).parent.parent / "sample_calls"
SHORT = ("08-promise-to-find-out.wav", "17-silence.flac", "18-damaged.mp3")
"""The first is cut to twelve seconds: its engine is a slow one."""
BUCKET = "recorded-calls"
AS_WHOM = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> Path:
    """A folder with three recordings, all to be heard."""
    folder = tmp_path_factory.mktemp("calls")
    for name in SHORT[1:]:
        shutil.copy(SAMPLES / name, folder)
    subprocess.run([need_program("sox"), SAMPLES / SHORT[0], folder / SHORT[0], "trim", "0", "12"], check=True)
    return folder


@pytest.fixture(scope="module")
def bucket(calls) -> Iterator[Mapping[str, str]]:
    """An S3 server with three recordings; what a machine has to know to reach it, as variables of the environment."""
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = AS_WHOM | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in known.items():
            patch.setenv(name, value)
        store = s3fs.S3FileSystem()
        store.mkdir(BUCKET)
        for name in SHORT:
            store.put_file(str(calls / name), f"{BUCKET}/2026/{name}")
        yield known
    server.stop()


def settings(home: Path, **work: object) -> Config:
    """Also written to `qa_audit.yaml`, for the commands."""
    home.mkdir(exist_ok=True)
    known = Recordings(sources=(f"s3://{BUCKET}/2026",), defaults=Defaults(agent="lucy"), channels=("agent", "customer"))
    work = {"processes": 2, "call_timeout": 90} | work
    made = night(home, recordings=known, speech=Speech(engine="sphinx"), work=Work(**work), rules=own_rules(home))
    (home / "qa_audit.yaml").write_text(made.model_dump_json())
    return made


@contextmanager
def command(of: Config) -> Iterator[subprocess.Popen[str]]:
    """`qa-audit run` of that configuration in a process of its own: processes of this one began before the bucket was known."""
    words = [sys.executable, "-m", "qa_audit", "run", "--config", str(of.folder / "qa_audit.yaml"), "--json", "-v"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=SAMPLES.parent) as process:
        yield process
        process.kill()


def fates(process: subprocess.Popen[str]) -> dict[str, str]:
    """What became of every call, when the command has ended."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    result = json.loads(out)
    failures = [*result["excluded_calls"], *result["failed_calls"]]
    return dict.fromkeys(result["scored_calls"], "scored") | {failure["call_id"]: failure["kind"] for failure in failures}


def test_a_bucket_is_heard_on_a_cluster_that_loses_a_machine_as_on_one_machine(bucket, tmp_path):
    here = settings(tmp_path / "here")
    with command(here) as process:
        expected = fates(process)
    assert expected == {"08-promise-to-find-out": "scored", "17-silence": "no-speech", "18-damaged": "not-audio"}

    with cluster(tmp_path, workers=2, environment=bucket) as machines:
        there = settings(tmp_path / "there", workers=machines.address)
        with command(there) as process:
            assert process.stderr is not None
            assert any("17-silence" in line or "18-damaged" in line for line in process.stderr), "a first call is through"
            machines.cut_power(machines.machines[1])
            assert fates(process) == expected
        assert run(there).listened == 0, "nothing is heard twice"
    assert said(there) == said(here), "the same words, the same marks"
    for home in (here, there):
        assert len(list((home.folder / "scorecards" / "audio").glob("*.mp3"))) == 1, "its sound is on the page"


def said(of: Config) -> list[object]:
    with opened_store(of) as store:
        (kept,) = [pipeline.call(of, state.call_id) for state in store.states().values() if state.fingerprint]
    return [kept.transcript, kept.audit, kept.score]
