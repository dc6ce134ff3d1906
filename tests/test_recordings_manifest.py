"""Manifests as they come: delimiters, encodings, marks, and what is wrong with them as a whole."""

from __future__ import annotations

import codecs

import pytest

from qa_audit.errors import UserFileError
from qa_audit.recordings.manifest import read_manifest

AGENTS = ["José Ødegård", "Müller, Zoë"]


def said(path, name="a.wav"):
    [said] = read_manifest(str(path)).about(str(path.parent / name))
    return dict(said.values)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", ":", "~", "#"])
def test_any_delimiter(tmp_path, delimiter):
    path = tmp_path / "m.csv"
    path.write_text(
        f'agent{delimiter}file{delimiter}queue\n"kim{delimiter}lee"{delimiter}a.wav{delimiter}billing, late\n'.replace(
            "billing, late", '"billing, late"'
        ),
        encoding="utf-8",
    )
    assert said(path) == {"agent": f"kim{delimiter}lee", "queue": "billing, late"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("agent", AGENTS)
def test_any_encoding(tmp_path, encoding, agent):
    path = tmp_path / "m.csv"
    path.write_bytes(f'file,agent\r\na.wav,"{agent}"\r\n'.encode(encoding))
    assert said(path) == {"agent": agent}


def test_other_alphabets(tmp_path):
    path = tmp_path / "m.csv"
    for encoding, agent in (("gb18030", "客户服务部门的王小明"), ("cp1251", "Иван Петрович Сидоров"), ("cp932", "田中太郎とサポート")):
        path.write_bytes(f"file,agent\na.wav,{agent}\n".encode(encoding))
        assert said(path) == {"agent": agent}


def test_names_match_whatever_way_accents_are_composed(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("file,agent\ncafe\u0301.wav,kim\n", encoding="utf-8")
    assert said(path, "caf\u00e9.wav") == {"agent": "kim"}


def test_lines_are_counted_as_an_editor_does(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text('file,queue\n"a.wav","two\nlines"\n\nb.wav,x\n', encoding="utf-8")
    manifest = read_manifest(str(path))
    assert [row.said.origin for rows in manifest.rows.values() for row in rows] == ["m.csv:3", "m.csv:5"]


def test_absolute_paths_and_urls_are_taken_as_they_are(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("file\n/calls/a.wav\ns3://bucket/b.wav\nfile:///calls/c.wav\n../d.wav\n", encoding="utf-8")
    assert list(read_manifest(str(path)).rows) == ["/calls/a.wav", "s3://bucket/b.wav", "/calls/c.wav", str(tmp_path.parent / "d.wav")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "m.csv:1:1: the manifest needs a column 'file' that names the recordings; the file is empty"),
        (b"path,agent\na.wav,kim\n", "m.csv:1:1: the manifest needs a column 'file' that names the recordings; found 'path', 'agent'"),
        (b"file,agent,Agent\na.wav,kim,lee\n", "m.csv:1:1: column 'agent' stands there twice"),
        (b'file,agent\na.wav,kim\nb.wav,"kim\n', "m.csv:3:1: the manifest cannot be read from here on: unexpected end of data"),
        (b'file,agent\na.wav,"kim" x\n', "m.csv:2:1: the manifest cannot be read from here on: ',' expected after '\"'"),
        (b"file,agent\na.wav," + b"x" * 200_000, "m.csv:2:1: the manifest cannot be read from here on: field larger than field limit"),
        (codecs.BOM_UTF8, "the file is empty"),
    ],
)
def test_wrong_as_a_whole(tmp_path, content, says):
    path = tmp_path / "m.csv"
    path.write_bytes(content)
    with pytest.raises(UserFileError) as caught:
        read_manifest(str(path))
    assert says in str(caught.value)


def test_a_misspelt_column_is_said_in_the_log(tmp_path, caplog):
    path = tmp_path / "m.csv"
    path.write_text("file,agnet\na.wav,kim\n", encoding="utf-8")
    read_manifest(str(path))
    assert "column 'agnet' is not read (did you mean 'agent'?)" in caplog.text


def test_a_guessed_encoding_is_said_in_the_log(tmp_path, caplog):
    path = tmp_path / "m.csv"
    path.write_bytes("file,agent\na.wav,José\n".encode("cp1252"))
    read_manifest(str(path))
    assert "m.csv is not UTF-8; read as cp125" in caplog.text
