"""The folder of pages: nothing half-written, nothing rewritten in vain, nothing left behind, nothing of others touched."""

import json
import os

import pytest

from qa_audit.reports.folder import PAGES, Folder, write_if_changed


def test_the_same_content_is_not_written_again(tmp_path):
    page = tmp_path / "a.html"
    assert write_if_changed(page, b"one")
    os.utime(page, (1, 1))
    assert not write_if_changed(page, b"one")
    assert page.stat().st_mtime == 1
    assert write_if_changed(page, b"two")
    assert page.read_bytes() == b"two"


def test_a_write_that_fails_leaves_no_litter(tmp_path):
    (tmp_path / "b.html").mkdir()
    with pytest.raises(IsADirectoryError):
        write_if_changed(tmp_path / "b.html", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["b.html"]


def test_a_page_of_a_known_key_need_not_be_made_again(tmp_path):
    first = Folder(tmp_path)
    assert not first.known("calls/a.html", "k1")
    first.write("calls/a.html", "text", key="k1")
    first.close()
    again = Folder(tmp_path)
    assert again.known("calls/a.html", "k1")
    assert not again.known("calls/a.html", "k2")
    assert not again.known("calls/a.html", "")
    (tmp_path / "calls" / "a.html").unlink()
    assert not Folder(tmp_path).known("calls/a.html", "k1")


def test_pages_that_no_longer_belong_go_and_files_of_others_stay(tmp_path):
    first = Folder(tmp_path)
    first.write("calls/a.html", "a")
    first.write("calls/b.html", "b")
    first.close()
    (tmp_path / "calls" / "mine.html").write_text("not ours")
    second = Folder(tmp_path)
    second.write("calls/b.html", "b")
    assert second.close() == 1
    assert sorted(path.name for path in (tmp_path / "calls").iterdir()) == ["b.html", "mine.html"]


@pytest.mark.parametrize("path", ["../victim.html", "/etc/hostname", "calls/../../victim.html", "victim.txt", ".hidden.html"])
def test_a_forged_record_cannot_make_it_delete_what_is_not_a_page(tmp_path, path):
    victim = tmp_path / "victim.html"
    victim.write_text("keep me")
    out = tmp_path / "out"
    out.mkdir()
    (out / PAGES.memory).write_text(json.dumps({path: "k"}))
    assert Folder(out).close() == 0
    assert victim.read_text() == "keep me"


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", "\x00\xff"])
def test_a_damaged_record_only_means_that_all_is_made_anew(tmp_path, damage):
    (tmp_path / PAGES.memory).write_bytes(damage.encode("latin-1"))
    folder = Folder(tmp_path)
    folder.write("index.html", "text", key="k")
    assert folder.close() == 0
    assert Folder(tmp_path).known("index.html", "k")


def test_a_page_that_is_not_the_one_remembered_is_made_anew(tmp_path):
    first = Folder(tmp_path)
    first.write("calls/a.html", "text", key="k")
    first.close()
    os.truncate(tmp_path / "calls" / "a.html", 2)
    assert not Folder(tmp_path).known("calls/a.html", "k"), "a power cut left half of it"
    (tmp_path / "calls" / "a.html").write_text("else")
    assert not Folder(tmp_path).known("calls/a.html", "k"), "another night wrote it and was killed before it could say so"


def test_a_page_written_by_a_night_that_was_cut_short_goes_when_it_no_longer_belongs(tmp_path):
    cut = Folder(tmp_path)
    cut.write("calls/a.html", "text", key="k")
    (tmp_path / "calls" / ".abcdefgh.part").write_text("half a pa")
    (tmp_path / "calls" / ".mine.part").write_text("not ours")
    following = Folder(tmp_path)
    assert not following.known("calls/a.html", "k")
    following.write("calls/b.html", "text", key="k")
    assert following.close() == 1
    assert sorted(path.name for path in (tmp_path / "calls").iterdir()) == [".mine.part", "b.html"]
    assert not (tmp_path / PAGES.journal).exists()
