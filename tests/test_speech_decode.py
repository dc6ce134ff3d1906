"""Every format of telephony is decoded; what cannot be is refused with a reason, what is cut is used with a doubt."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import need_program
from speech_helpers import ANY_LENGTH, RATE, clip, conversation, kinds, tone, write_wav

from qa_audit.config import Recordings
from qa_audit.errors import CallError
from qa_audit.speech.decode import Audio, decode

SECONDS = 4.0

FORMATS = [
    # file, codec, samples a second, channels, container when the suffix does not say it
    ("pcm.wav", "pcm_s16le", 8000, 2, None),
    ("wide.wav", "pcm_s24le", 44100, 2, None),
    ("float.wav", "pcm_f32le", 16000, 1, None),
    ("mu-law.wav", "pcm_mulaw", 8000, 2, None),
    ("a-law.wav", "pcm_alaw", 8000, 1, None),
    ("ms-adpcm.wav", "adpcm_ms", 8000, 2, None),
    ("ima-adpcm.wav", "adpcm_ima_wav", 8000, 1, None),
    ("plain.flac", "flac", 16000, 2, None),
    ("music.mp3", "libmp3lame", 16000, 2, None),
    ("opus.ogg", "libopus", 48000, 2, "ogg"),
    ("voice.m4a", "aac", 16000, 2, "ipod"),
    ("phone.amr", "libopencore_amrnb", 8000, 1, None),
    ("old.au", "pcm_mulaw", 8000, 1, None),
]


def encoded(path: Path, codec: str, rate: int, channels: int, container: str | None, *, seconds: float = SECONDS) -> Path:
    """A file with 400 Hz on its first channel and 700 Hz on its second."""
    t = np.arange(round(seconds * rate)) / rate
    sound = np.stack([0.3 * np.sin(2 * np.pi * f * t) for f in (400, 700)[:channels]]).astype(np.float32)
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono" if channels == 1 else "stereo")
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono" if channels == 1 else "stereo")
        frame.sample_rate = rate
        for packet in stream.encode(frame):
            file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return path


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency in hertz."""
    spectrum = np.abs(np.fft.rfft(samples[RATE : 2 * RATE]))
    return float(np.argmax(spectrum))


def read(path: Path, limits: Recordings = ANY_LENGTH) -> Audio:
    return decode(path, call_id="call", limits=limits)


def refusal(path: Path, limits: Recordings = ANY_LENGTH) -> str:
    """The kind of CallError a file is refused with; its message names the file and it comes from this stage."""
    with pytest.raises(CallError) as refused:
        read(path, limits)
    assert refused.value.stage == "transcribe"
    assert path.name in refused.value.message
    return refused.value.kind


@pytest.mark.parametrize(("name", "codec", "rate", "channels", "container"), FORMATS, ids=[row[0] for row in FORMATS])
def test_every_format_is_decoded_to_16_khz_without_mixing_its_channels(
    tmp_path: Path, name: str, codec: str, rate: int, channels: int, container: str | None
) -> None:
    audio = read(encoded(tmp_path / name, codec, rate, channels, container))
    assert audio.samples.dtype == np.float32
    assert audio.duration == pytest.approx(SECONDS, abs=0.1)
    assert [pitch(channel) for channel in audio.samples] == [400, 700][:channels]
    assert audio.rate == rate
    assert audio.doubts == ()


def test_gsm_is_decoded(tmp_path: Path) -> None:
    tones = write_wav(tmp_path / "tone.wav", tone(2, 400), rate=RATE)
    gsm = tmp_path / "gsm.wav"
    subprocess.run([need_program("sox"), tones, "-r", "8000", "-e", "gsm-full-rate", gsm], check=True)
    audio = read(gsm)
    assert (audio.codec, audio.rate) == ("gsm_ms", 8000)
    assert pitch(audio.samples[0]) == 400


def test_8_khz_comes_up_to_16_khz_without_a_mirror_image(tmp_path: Path) -> None:
    t = np.arange(4 * 8000) / 8000
    path = write_wav(tmp_path / "tone.wav", (0.5 * np.sin(2 * np.pi * 3000 * t)).astype(np.float32), rate=8000)
    spectrum = np.abs(np.fft.rfft(read(path).samples[0][RATE : 2 * RATE] * np.hanning(RATE)))
    assert 20 * np.log10(spectrum[4500:5500].max() / spectrum[3000]) < -60


@pytest.mark.parametrize("size", [b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"], ids=["zero", "largest"])
def test_a_header_written_before_the_length_was_known_does_no_harm(tmp_path: Path, size: bytes) -> None:
    whole = write_wav(tmp_path / "call.wav", conversation()).read_bytes()
    at = whole.index(b"data")
    streamed = tmp_path / "streamed.wav"
    streamed.write_bytes(whole[: at + 4] + size + whole[at + 8 :])
    audio = read(streamed)
    assert audio.duration == pytest.approx(20)
    assert audio.doubts == ()


def test_a_file_cut_short_is_used_with_a_doubt_at_its_end(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "call.wav", conversation())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    audio = read(path)
    assert audio.duration == pytest.approx(10, abs=0.1)
    (doubt,) = audio.doubts
    assert doubt.kind == "truncated"
    assert doubt.start == pytest.approx(10, abs=0.1)


def test_damage_inside_is_passed_over_with_a_doubt(tmp_path: Path) -> None:
    path = encoded(tmp_path / "call.mp3", "libmp3lame", 16000, 2, None, seconds=20)
    whole = bytearray(path.read_bytes())
    whole[20_000:30_000] = np.random.default_rng(0).integers(0, 256, 10_000, dtype=np.uint8).tobytes()
    path.write_bytes(whole)
    audio = read(path)
    assert audio.duration > 15
    assert "damaged" in kinds(audio.doubts)
    assert pitch(audio.samples[0][-4 * RATE :]) == 400


def test_lost_packets_leave_silence_so_that_times_stay_true(tmp_path: Path) -> None:
    whole, holey = tmp_path / "call.ogg", tmp_path / "holey.ogg"
    encoded(whole, "libopus", 48000, 1, "ogg", seconds=6)
    with av.open(str(whole)) as source, av.open(str(holey), "w", format="ogg") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.pts is not None and not 96_000 <= packet.pts < 192_000:  # leaves out seconds 2 to 4
                packet.stream = stream
                target.mux(packet)
    audio = read(holey)
    assert audio.duration == pytest.approx(6, abs=0.1)
    assert kinds(audio.doubts) == {"gaps"}
    assert np.abs(audio.samples[0][int(2.2 * RATE) : int(3.8 * RATE)]).max() == 0


def test_clipping_is_measured_before_the_rate_is_changed(tmp_path: Path) -> None:
    speech = clip("agent-greets")[::2]
    clean = read(write_wav(tmp_path / "clean.wav", speech, rate=8000))
    clipped = read(write_wav(tmp_path / "clipped.wav", np.clip(6 * speech, -0.9, 0.9), rate=8000))
    assert clean.clipped[0] < 0.001
    assert clipped.clipped[0] > 0.02


def test_what_is_no_call_is_refused_with_its_kind(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 50_000, dtype=np.uint8).tobytes()
    files = {"empty": b"", "words": b"hello, is anybody there? " * 500, "noise": noise, "riff": b"RIFF"}
    for name, content in files.items():
        (tmp_path / f"{name}.wav").write_bytes(content)
    found = {name: refusal(tmp_path / f"{name}.wav") for name in files}
    assert found == {"empty": "empty", "words": "not-audio", "noise": "not-audio", "riff": "not-audio"}
    assert refusal(tmp_path / "gone.wav") == "missing"


def test_an_mp3_of_noise_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "call.mp3"
    path.write_bytes(np.random.default_rng(0).integers(0, 256, 50_000, dtype=np.uint8).tobytes())
    assert refusal(path, Recordings()) in {"damaged", "not-audio"}


def test_a_header_without_sound_is_empty(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "call.wav", np.zeros((1, 0), np.float32))
    assert refusal(path) == "empty"


def test_three_channels_are_too_many(tmp_path: Path) -> None:
    assert refusal(write_wav(tmp_path / "call.wav", np.zeros((3, 5 * RATE), np.float32))) == "too-many-channels"


def test_two_sound_tracks_are_too_many(tmp_path: Path) -> None:
    path = tmp_path / "call.mka"
    silence = av.AudioFrame.from_ndarray(np.zeros((1, 5 * RATE), np.int16), format="s16", layout="mono")
    silence.sample_rate = RATE
    with av.open(str(path), "w", format="matroska") as file:
        streams = [file.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in range(2)]
        for stream in streams:
            file.mux(stream.encode(silence))
    assert refusal(path) == "too-many-streams"


@pytest.mark.parametrize(("seconds", "kind"), [(0.5, "too-short"), (6.0, "too-long")])
def test_length_is_held_to_the_configuration(tmp_path: Path, seconds: float, kind: str) -> None:
    path = write_wav(tmp_path / "call.wav", tone(seconds, 400))
    assert refusal(path, Recordings(min_seconds=1, max_seconds=5)) == kind


@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {target}\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet><BaseURL>{target}</BaseURL></AdaptationSet></Period></MPD>',
    ],
    ids=["hls", "concat", "dash"],
)
def test_a_playlist_named_wav_opens_no_other_file(tmp_path: Path, content: str) -> None:
    target = write_wav(tmp_path / "secret.wav", tone(5, 400))
    path = tmp_path / "call.wav"
    path.write_text(content.format(target=target))
    assert refusal(path) == "not-audio"
