"""The exports hold what the pages show, with types and units, and are safe to open."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from pipeline_helpers import snapshot
from reports_helpers import HOSTILE, START, record, records, report

from qa_audit.config import ExportFormat
from qa_audit.recordings import to_vcon
from qa_audit.reports import ExportsWritten, Report, slug, vcon_analyses, write_pages
from qa_audit.reports import write_exports as write
from qa_audit.reports.exports.columns import TABLES
from qa_audit.reports.exports.document import document

DOCS = Path(__file__).parent.parent / "docs"
CSV, PARQUET, JSON, VCON = ExportFormat


def write_exports(report: Report, out: Path, *formats: ExportFormat) -> ExportsWritten:
    return write(report, out, formats=formats or (CSV, PARQUET, JSON), vcon=lambda record: f"{record.score.call_id}\n")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_documentation_of_the_columns_is_what_the_code_says():
    assert (DOCS / "exports.md").read_text(encoding="utf-8") == document(), (
        "run: python -m qa_audit.reports.exports.document > docs/exports.md"
    )


@pytest.mark.parametrize("table", TABLES)
def test_csv_and_parquet_hold_the_same_rows_under_documented_columns(tmp_path, table):
    made = records(("Maya", "Jonas"), per_agent=6)
    write_exports(report(made), tmp_path)
    as_text, typed = rows(tmp_path / f"{table}.csv"), pq.read_table(tmp_path / f"{table}.parquet")
    assert [*as_text[0]] == typed.column_names == [column.name for column in TABLES[table]]
    assert len(as_text) == typed.num_rows > 0
    assert [row["call_id"] for row in as_text] == typed.column("call_id").to_pylist()
    assert typed.schema.field(0).metadata[b"meaning"] == b"The call."


def test_a_finding_carries_its_evidence_and_not_assessed_stays_empty(tmp_path):
    made = {"s": record("s", "shrug", "Maya"), "u": record("u", "unheard", "Maya")}
    write_exports(report(made), tmp_path)
    miss = next(row for row in rows(tmp_path / "findings.csv") if row["call_id"] == "s" and row["rule"] == "no-apology")
    assert (miss["outcome"], miss["trigger_at"], miss["found"], miss["searched_to"]) == ("missed", "1.0", "", "28.4")
    assert miss["trigger"].startswith("Good morning. My table")
    scores = pq.read_table(tmp_path / "scores.parquet").to_pylist()
    assert [(row["call_id"], row["score"]) for row in scores] == [("s", 0.0), ("u", None)]
    assert scores[0]["started_at"] == START


@pytest.mark.parametrize("name", [*HOSTILE, "=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\tx", "\ud800half", 'a\nb,"c"'])
def test_hostile_text_is_kept_in_parquet_and_is_no_formula_in_csv(tmp_path, name):
    write_exports(report({"s": record("s", "shrug", name)}), tmp_path)
    (shown,) = rows(tmp_path / "scores.csv")
    assert not shown["agent"].startswith(("=", "+", "-", "@", "\t"))
    (kept,) = pq.read_table(tmp_path / "scores.parquet").column("agent").to_pylist()
    assert kept == name.encode("utf-8", "replace").decode()
    assert (tmp_path / "agents" / f"{slug(name)}.json").is_file()


def test_a_scorecard_file_names_its_schema_and_follows_it(tmp_path):
    write_exports(report(records(("Maya",), per_agent=25)), tmp_path)
    card = json.loads((tmp_path / "agents" / f"{slug('Maya')}.json").read_text(encoding="utf-8"))
    schema = json.loads((tmp_path / "scorecard.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(card, schema)
    assert (card["schema"], card["version"], card["scorecard"]["agent"]) == ("qa-audit/scorecard", 1, "Maya")
    assert len(card["scorecard"]["calls"]) == 25
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**card, "version": 2}, schema)


def test_nothing_is_made_again_while_no_call_has_changed(tmp_path):
    made = records(("Maya",), per_agent=4)
    assert write_exports(report(made), tmp_path).written
    untouched = replace(report(made), load_call=lambda id_: pytest.fail(f"{id_} was fetched"))
    assert not write_exports(untouched, tmp_path).written
    made["call-0-001"] = record("call-0-001", "pushy", "Maya")
    assert write_exports(report(made), tmp_path).written


def test_the_same_report_gives_the_same_bytes(tmp_path):
    made = records(("Maya",), per_agent=6)
    one, two = (tmp_path / name for name in ("one", "two"))
    for out in (one, two):
        write_exports(report(made), out, *ExportFormat)
    first, second = snapshot(one), snapshot(two)
    assert first.pop(".qa-audit-exports.json") != second.pop(".qa-audit-exports.json"), "our own memory of sizes and times"
    assert first == second
    assert len(snapshot(one)) == 10 + 1 + 1 + 6 + 1, "tables twice, a scorecard, its schema, vCons, what is remembered"


def test_an_agent_who_is_gone_leaves_no_file(tmp_path):
    write_exports(report(records(("Maya", "Jonas"), per_agent=3)), tmp_path)
    write_exports(report(records(("Maya",), per_agent=3)), tmp_path)
    assert [file.name for file in (tmp_path / "agents").iterdir()] == [f"{slug('Maya')}.json"]


def test_a_call_that_cannot_be_fetched_leaves_the_old_files_whole(tmp_path):
    made = records(("Maya",), per_agent=4)
    write_exports(report(made), tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}

    def broken(call_id):
        raise OSError(call_id)

    made["call-0-001"] = record("call-0-001", "pushy", "Maya")
    with pytest.raises(OSError, match="call-0-000"):
        write_exports(replace(report(made), load_call=broken), tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    assert not [path for path in tmp_path.iterdir() if path.name not in before and path.name != "agents"]


def test_an_export_of_nothing_has_its_columns(tmp_path):
    write_exports(report({}), tmp_path)
    assert pq.read_table(tmp_path / "findings.parquet").num_rows == 0
    assert (tmp_path / "findings.csv").read_text(encoding="utf-8").startswith("call_id,agent,started_at,rule,")


def test_a_vcon_carries_score_and_findings_beside_the_transcript():
    one = record("s", "shrug", "Maya")
    score, findings = json.loads(to_vcon(one.recording, one.transcript, analyses=vcon_analyses(one)))["analysis"][1:]
    assert (score["type"], score["schema"], score["body"]["score"]) == ("score", "qa-audit/score/1", 0.0)
    missed = [finding["rule"] for finding in findings["body"] if finding["outcome"] == "missed"]
    assert missed == ["no-apology", "dead-end", "cold-close"]


def test_an_export_in_one_format_leaves_those_in_others_and_the_pages_as_they_are(tmp_path):
    made = records(("Maya",), per_agent=3)
    write_pages(report(made), tmp_path)
    write_exports(report(made), tmp_path, CSV)
    before = snapshot(tmp_path)
    made.pop("call-0-001")
    write_exports(report(made), tmp_path, VCON)
    after = {path: data for path, data in snapshot(tmp_path).items() if not path.startswith(("vcon", ".qa-audit-exports"))}
    assert after == {path: data for path, data in before.items() if not path.startswith(".qa-audit-exports")}
    assert [path.read_text() for path in sorted((tmp_path / "vcon").iterdir())] == ["call-0-000\n", "call-0-002\n"]
    assert write_exports(report(made), tmp_path, VCON) == ExportsWritten(written=0, unchanged=2, removed=0)
