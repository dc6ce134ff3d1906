"""Real recordings in a bucket, heard and marked here and on a Dask cluster of which a machine dies: the same marks, each call once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cluster_helpers import cluster
from pipeline_helpers import fates, night, own_rules, run

from qa_audit import pipeline
from qa_audit.config import Config, Defaults, Recordings, Speech, Work
from qa_audit.pipeline.places import opened_store

SAMPLES = Path(__file__).parent.parent / "sample_calls"
SHORT = ("10-opening-hours.ogg", "17-silence.flac", "18-damaged.mp3")
BUCKET = "recorded-calls"
AS_WHOM = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[Mapping[str, str]]:
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
            store.put_file(str(SAMPLES / name), f"{BUCKET}/2026/{name}")
        yield known
    server.stop()


def settings(home: Path, **work: object) -> Config:
    home.mkdir(exist_ok=True)
    known = Recordings(sources=(f"s3://{BUCKET}/2026",), defaults=Defaults(agent="lucy"), channels=("agent", "customer"))
    work = {"processes": 2, "call_timeout": 90} | work
    return night(home, recordings=known, speech=Speech(engine="sphinx"), work=Work(**work), rules=own_rules(home))


def test_a_bucket_is_heard_on_a_cluster_that_loses_a_machine_as_on_one_machine(bucket, tmp_path):
    here = settings(tmp_path / "here")
    assert fates(run(here)) == {"10-opening-hours": "scored", "17-silence": "no-speech", "18-damaged": "not-audio"}

    with cluster(tmp_path, workers=2, environment=bucket) as machines:
        there = settings(tmp_path / "there", workers=machines.address)
        steps = []

        def step(said: pipeline.Step) -> None:
            steps.append((said.stage, said.call_id))
            if len(steps) == 1:
                machines.cut_power(machines.machines[1])

        result = run(there, progress=step)
        assert run(there).listened == 0, "nothing is heard twice"
    assert fates(result) == fates(run(here))
    assert sorted(call_id for stage, call_id in steps if stage == "transcribe") == sorted(Path(name).stem for name in SHORT)
    assert said(there) == said(here), "the same words, the same marks"


def said(of: Config) -> list[object]:
    with opened_store(of) as store:
        (kept,) = [pipeline.call(of, state.call_id) for state in store.states().values() if state.fingerprint]
    return [kept.transcript, kept.audit, kept.score]
