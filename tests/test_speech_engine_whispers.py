"""Both Whispers through their true code, on a checkpoint that hears one known text whatever it listens to."""

import os
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest
from checkpoints import ENGLISH, SMALL_ENOUGH, random_checkpoint, speaking_checkpoint, words_of

from qa_audit.config import Speech
from qa_audit.errors import EngineError
from qa_audit.speech.engines import REGISTRY
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip
from qa_audit.speech.engines.conversion import converted, kept_folder
from qa_audit.speech.engines.listening import Manner, listen
from qa_audit.speech.engines.whisper import _at_once

TEXT = " I am sorry about that. We'll call you back by Friday."
BOTH = ("whisper", "faster-whisper")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """An empty folder of caches, so that nothing on this machine is found or changed."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("HF_HUB_CACHE", str(folder / "hub"))
        yield folder


@pytest.fixture(scope="module")
def checkpoint(cache):
    return speaking_checkpoint(cache / "say.pt", TEXT)


@pytest.fixture(scope="module")
def engines(checkpoint):
    return {name: REGISTRY[name].load(Speech(model=str(checkpoint))) for name in BOTH}


def noise(seconds, start=0.0, side=0, seed=0):
    return Clip(np.random.default_rng(seed).normal(0, 0.1, int(seconds * SAMPLE_RATE)).astype(np.float32), start, side)


@pytest.mark.parametrize("name", BOTH)
def test_a_known_text_is_heard_with_times_and_trust(engines, checkpoint, name):
    (hearing,) = engines[name].transcribe([noise(4, start=60.0)], language="en")
    assert words_of([hearing]) == [TEXT.strip()]
    times = [time for word in hearing.words for time in (word.start, word.end)]
    assert min(times) >= 60.0 and max(times) <= 64.0 and times == sorted(times)
    assert all(0.9 < word.trust <= 1 for word in hearing.words)
    assert hearing.avg_logprob > -0.1 and hearing.compression_ratio < 2.4 and hearing.language == "en"
    assert engines[name].heard.model == "say.pt" and len(engines[name].heard.model_sha256) == 64


def test_both_engines_hear_the_same_words_at_the_same_times_from_one_checkpoint(engines):
    clips = [noise(2, 0.0), noise(3, 5.0, side=1, seed=1), noise(5, 9.0, seed=2), noise(20, 30.0, side=1, seed=3)]
    one, other = (engines[name].transcribe(clips, language="en") for name in BOTH)
    assert words_of(one) == words_of(other)
    pairs = [(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x.words, y.words, strict=True)]
    assert pairs and all(abs(a.start - b.start) <= 0.1 and abs(a.trust - b.trust) <= 0.05 for a, b in pairs)
    for clip, hearing in zip(clips, one, strict=True):
        assert all(clip.start <= word.start <= word.end <= clip.end for word in hearing.words)


@pytest.mark.parametrize("name", BOTH)
def test_hearing_again_gives_the_same_words(engines, name):
    clips = [noise(3, 0.0), noise(5, 5.0, seed=4), noise(0.1, 40.0, seed=5)]
    assert engines[name].transcribe(clips, language="en") == engines[name].transcribe(clips, language="en")


@pytest.mark.parametrize("name", BOTH)
def test_a_window_is_heard_alike_whatever_is_in_the_batch_with_it(engines, name):
    quiet, loud = noise(3).samples, noise(3, seed=6).samples * 8
    alone = engines[name].decode([quiet], language="en", beam_size=1)
    among = engines[name].decode([quiet, loud], language="en", beam_size=1)
    assert [word.text for word in among[0].words] == [word.text for word in alone[0].words]
    assert [word.start for word in among[0].words] == pytest.approx([word.start for word in alone[0].words])


@pytest.mark.parametrize("name", BOTH)
def test_a_beam_hears_the_same_text(engines, name):
    decoded = engines[name].decode([noise(4).samples, noise(6, seed=7).samples], language="en", beam_size=5)
    assert ["".join(word.text for word in window.words) for window in decoded] == [TEXT, TEXT]


@pytest.mark.parametrize("name", BOTH)
def test_the_language_is_told_or_guessed_and_an_unknown_one_refused(engines, name):
    clips = [noise(3), noise(5, 5.0, seed=8)]
    guessed = {hearing.language for hearing in engines[name].transcribe(clips, language=None)}
    assert len(guessed) == 1 and len(guessed.pop()) >= 2
    with pytest.raises(EngineError, match="does not know the language 'xx'"):
        engines[name].transcribe(clips, language="xx")


@pytest.mark.parametrize("name", BOTH)
def test_a_model_of_english_alone_hears_english(cache, name):
    checkpoint = cache / "english.pt"
    if not checkpoint.exists():
        speaking_checkpoint(checkpoint, " Good morning, how may I help?", size={**SMALL_ENOUGH, "vocabulary": ENGLISH})
    (hearing,) = REGISTRY[name].load(Speech(model=str(checkpoint))).transcribe([noise(3)], language=None)
    assert words_of([hearing]) == ["Good morning, how may I help?"] and hearing.language == "en"


def test_a_fitted_context_hears_the_known_text_from_less_sound(checkpoint):
    engine = REGISTRY["faster-whisper"].load(Speech(model=str(checkpoint), audio_context="fitted"))
    clips = [noise(4), noise(9, 5.0, seed=11), noise(13, 20.0, seed=12)]
    assert engine._features([clip.samples for clip in clips]).shape == (3, 80, 1400)  # 13 s and a second of silence
    assert engine._features([clips[0].samples]).shape == (1, 80, 1000)
    assert TEXT.strip() in words_of(engine.transcribe(clips, language="en"))
    assert engine.heard.options["least_context"] == "10.0"


@pytest.mark.parametrize("name", BOTH)
def test_sound_of_no_length_breaks_nothing(engines, name):
    (hearing,) = engines[name].transcribe([Clip(np.zeros(0, np.float32), 3.0, 0)], language="en")
    assert all(word.start == word.end == 3.0 for word in hearing.words)


@pytest.mark.parametrize("name", BOTH)
def test_random_weights_never_break_the_path(cache, name):
    engine = REGISTRY[name].load(Speech(model=str(random_checkpoint(cache / "random.pt", seed=5)), beam_size=2))
    clips = [noise(1, 0.0), noise(9, 2.0, seed=9)]
    hearings = engine.transcribe(clips, language="en")
    for clip, hearing in zip(clips, hearings, strict=True):
        assert all(clip.start <= word.start <= word.end <= clip.end and 0 <= word.trust <= 1 for word in hearing.words)
    assert engine.heard.options["beam_size"] == "2"


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("name", BOTH)
def test_noise_that_never_ends_is_cut_at_what_people_can_say_in_the_time(cache, name, beam_size):
    engine = REGISTRY[name].load(Speech(model=str(random_checkpoint(cache / "random.pt", seed=5))))
    said = {}
    for seconds in (1, 3, 30):
        (decoded,) = engine.decode([noise(seconds).samples], language="en", beam_size=beam_size)
        said[seconds] = sum(word.tokens for word in decoded.words)
        assert said[seconds] <= Manner().token_limit(seconds)
    assert said[1] > 0
    assert said[30] > 2 * Manner().token_limit(3), "without a bound the shorter ones would go on as long"


def test_torch_keeps_to_one_thread_when_words_have_been_aligned(checkpoint):
    script = f"""if True:
        import numpy, torch
        from qa_audit.config import Speech
        from qa_audit.speech.engines import REGISTRY
        from qa_audit.speech.engines.base import Clip
        engine = REGISTRY["whisper"].load(Speech(model={str(checkpoint)!r}))
        assert engine.transcribe([Clip(numpy.full(16_000, 0.1, numpy.float32), 0.0, 0)], language="en")[0].words
        print(torch.get_num_threads())
    """
    told = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", script], env=told, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.split()[-1] == "1"


def test_the_texts_of_a_beam_attend_to_their_window_together_and_to_the_same():
    import torch
    from whisper.model import MultiHeadAttention

    attention, asked = MultiHeadAttention(64, 2), []

    def seen(q, k, v, mask=None):
        asked.append((len(q), len(k)))
        return attention.qkv_attention(q, k, v, mask)

    texts, window, windows = torch.randn(5, 3, 64), torch.randn(1, 1500, 64), torch.randn(5, 1500, 64)
    together, alone = _at_once(seen)(texts, window, window)[0], attention.qkv_attention(texts, window, window)[0]
    assert torch.allclose(together, alone, atol=1e-5)
    assert asked == [(1, 1)]
    assert torch.equal(_at_once(seen)(texts, windows, windows)[0], attention.qkv_attention(texts, windows, windows)[0])


def test_a_checkpoint_is_converted_once_and_kept(checkpoint, engines):
    folder = kept_folder(checkpoint)
    before = (folder / "model.bin").stat()
    assert converted(checkpoint) == folder and (folder / "model.bin").stat() == before
    assert [path for path in folder.parent.iterdir() if path.name.startswith(folder.name)] == [folder]  # nothing half made beside it


def test_a_converted_folder_can_be_given_as_the_model(checkpoint, engines):
    folder = converted(checkpoint)
    engine = REGISTRY["faster-whisper"].load(Speech(model=str(folder)))
    assert words_of(engine.transcribe([noise(4)], language="en")) == [TEXT.strip()]


@pytest.mark.parametrize("text", ["I can't, won't and shan't!", "naïve café 你好 12.50 £", " two  spaces\nand a line", "🙂 ok"])
def test_the_made_tokeniser_is_whispers_own(checkpoint, engines, text):
    import tokenizers
    from whisper.tokenizer import get_tokenizer

    own = get_tokenizer(True)
    made = tokenizers.Tokenizer.from_file(str(converted(checkpoint) / "tokenizer.json"))
    assert made.encode(text, add_special_tokens=False).ids == own.encode(text)
    assert made.decode(own.encode(text)) == text
    assert {name: made.token_to_id(name) for name in own.special_tokens} == own.special_tokens


def test_state_needs_no_loading_and_tells_what_shapes_the_words(checkpoint):
    for name, package in (("whisper", "openai-whisper"), ("faster-whisper", "faster-whisper")):
        state = REGISTRY[name].state(Speech(model=str(checkpoint), beam_size=3))
        assert state.ready and state.version == version(package) and state.model == str(checkpoint)
        assert {"beam_size": "3", "device": "cpu", "window": "30.0"}.items() <= state.heard.options.items()


def test_listening_uses_the_manner_of_the_engine(engines):
    engine = engines["faster-whisper"]
    clips = [noise(3), noise(4, 5.0, seed=10)]
    assert engine.transcribe(clips, language="en") == listen(engine, clips, language="en", manner=engine._manner)


@pytest.mark.parametrize("content", [b"", b"no checkpoint at all", b"PK\x03\x04 half a zip file"])
@pytest.mark.parametrize("name", BOTH)
def test_a_damaged_checkpoint_is_refused(cache, name, content):
    file = cache / "damaged.pt"
    file.write_bytes(content)
    with pytest.raises(EngineError, match=r"damaged\.pt is not a checkpoint of openai-whisper"):
        REGISTRY[name].load(Speech(model=str(file)))
    assert not kept_folder(file).exists()


def test_a_precision_the_machine_lacks_is_refused(checkpoint):
    with pytest.raises(EngineError, match="as bfloat7 on cpu"):
        REGISTRY["faster-whisper"].load(Speech(model=str(checkpoint), compute_type="bfloat7"))


CT2_LINE = "from faster_whisper import download_model; download_model('small')"
PT_LINE = "import whisper; whisper.load_model('small')"


@pytest.mark.parametrize(
    ("name", "model", "says"),
    [
        ("whisper", "small", [PT_LINE, "put small.pt into", "never downloads", "choose another engine"]),
        ("whisper", "turbo", ["put large-v3-turbo.pt into"]),
        ("whisper", "smal", ["no Whisper model called smal", "Did you mean small?"]),
        ("whisper", "granite", ["Known: tiny, base, small, medium"]),
        ("whisper", "/nowhere/x.pt", ["No Whisper model at /nowhere/x.pt"]),
        ("faster-whisper", "small", [CT2_LINE, "small.pt"]),
        ("faster-whisper", "some/one", ["some/one is not on this machine"]),
        ("faster-whisper", "./x/y/z", ["No Whisper model at ./x/y/z"]),
        ("faster-whisper", "medum", ["Did you mean medium?"]),
    ],
)
def test_a_model_that_is_not_at_hand_is_told_with_what_to_do(cache, name, model, says):
    state = REGISTRY[name].state(Speech(model=model))
    assert state.installed and not state.ready
    assert [part for part in says if part not in state.advice] == []
    with pytest.raises(EngineError) as error:
        REGISTRY[name].load(Speech(model=model))
    assert str(error.value) == state.advice


def test_a_folder_without_its_tokeniser_is_not_fetched_from_a_hub(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    state = REGISTRY["faster-whisper"].state(Speech(model=str(tmp_path)))
    assert not state.ready and "lacks tokenizer.json" in state.advice


def test_a_folder_is_not_for_openai_whisper(checkpoint, engines):
    assert "set speech: engine: faster-whisper" in REGISTRY["whisper"].state(Speech(model=str(converted(checkpoint)))).advice
