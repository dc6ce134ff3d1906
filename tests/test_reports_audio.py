"""Sound for the pages: any recording plays in a browser, both sides are kept, clips are cut where the moment is."""

import logging

import av
import numpy as np
import pytest
from reports_helpers import write_tone

from qa_audit.errors import CallError
from qa_audit.reports import cut_clip, write_player_audio


def heard(path):
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        samples = np.concatenate([frame.to_ndarray() for frame in file.decode(stream)], axis=1)
        return stream.rate, samples


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 2), (16_000, 1), (44_100, 2), (48_000, 1)])
def test_any_recording_becomes_a_small_file_with_its_channels(tmp_path, rate, channels):
    write_tone(tmp_path / "call.wav", 20, rate=rate, channels=channels)
    write_player_audio(tmp_path / "call.wav", tmp_path / "audio" / "call.mp3")
    at, samples = heard(tmp_path / "audio" / "call.mp3")
    assert (at, samples.shape[0]) == (16_000, channels)
    assert samples.shape[1] / at == pytest.approx(20, abs=0.1)
    assert (tmp_path / "audio" / "call.mp3").stat().st_size < 110_000
    assert [path.name for path in (tmp_path / "audio").iterdir()] == ["call.mp3"]


def test_left_stays_left(tmp_path):
    write_tone(tmp_path / "call.wav", 4, rate=16_000, channels=2)
    write_player_audio(tmp_path / "call.wav", tmp_path / "call.mp3")
    _, samples = heard(tmp_path / "call.mp3")
    pitch = [np.abs(np.fft.rfft(channel[16_000:32_000])).argmax() for channel in samples]
    assert pitch[0] == pytest.approx(235, abs=15)
    assert pitch[1] == pytest.approx(455, abs=15)


def test_the_same_recording_gives_the_same_bytes(tmp_path):
    write_tone(tmp_path / "call.wav", 3)
    for name in ("one.mp3", "two.mp3"):
        write_player_audio(tmp_path / "call.wav", tmp_path / name)
    assert (tmp_path / "one.mp3").read_bytes() == (tmp_path / "two.mp3").read_bytes()


@pytest.mark.parametrize("content", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVE"])
def test_a_damaged_recording_is_named_and_leaves_nothing_behind(tmp_path, content):
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(CallError, match=r"bad\.wav cannot be made ready for the player") as caught:
        write_player_audio(tmp_path / "bad.wav", tmp_path / "bad.mp3", call_id="c7")
    assert (caught.value.call_id, caught.value.stage) == ("c7", "report")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.wav"]


def test_a_clip_holds_just_the_seconds_asked_for(tmp_path):
    write_tone(tmp_path / "call.wav", 60, rate=16_000, channels=1)
    write_player_audio(tmp_path / "call.wav", tmp_path / "call.mp3")
    assert cut_clip(tmp_path / "call.mp3", tmp_path / "clip.mp3", start=40, seconds=10)
    rate, samples = heard(tmp_path / "clip.mp3")
    assert samples.shape[1] / rate == pytest.approx(10, abs=0.1)
    middle = samples[0][4 * rate : 5 * rate]
    assert np.abs(np.fft.rfft(middle)).argmax() == pytest.approx(220 + 10 * 44.5, abs=12)  # the tone rises by 10 Hz a second


def test_a_clip_at_the_end_is_short_and_past_the_end_there_is_none(tmp_path, caplog):
    write_tone(tmp_path / "call.wav", 12)
    write_player_audio(tmp_path / "call.wav", tmp_path / "call.mp3")
    assert cut_clip(tmp_path / "call.mp3", tmp_path / "end.mp3", start=9, seconds=10)
    assert heard(tmp_path / "end.mp3")[1].shape[1] / 16_000 == pytest.approx(3, abs=0.2)
    with caplog.at_level(logging.WARNING):
        assert not cut_clip(tmp_path / "call.mp3", tmp_path / "past.mp3", start=100, seconds=10)
        assert not cut_clip(tmp_path / "missing.mp3", tmp_path / "none.mp3", start=0, seconds=10)
    assert len(caplog.records) == 2
    assert not (tmp_path / "past.mp3").exists()
    assert not (tmp_path / "none.mp3").exists()
