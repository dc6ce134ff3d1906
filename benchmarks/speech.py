#!/usr/bin/env python
"""How quickly calls are heard: ours beside openai-whisper and faster-whisper, same recordings, same weights, one run.

    python benchmarks/speech.py [--audio PATH …] [--checkpoint FILE.pt] [--size tiny|base] [--calls N] [--only WORD …]

Every way hears the same calls in a process of its own (ours also in two at once, a call each): its model is loaded and warm
before the clock starts, recordings are decoded before too, and finding speech counts. A real-time factor is seconds of work a
second of call; processor seconds are those of all cores, which a machine shared with others does not change; memory is the largest process. The ways that use one process may use both cores, as their defaults have it.

Without a checkpoint the weights are made up: the shape of the asked size, and in every window of 30 s the same 125 tokens, which
is what people say in that time. Speed is then true to life and words mean nothing, so nothing is heard twice, no way carries
text over from window to window, and our shorter windows say their share of the 125.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

TOKENS = 125
"""In a full window of 30 s: somewhat over four a second."""

TEXT = (
    " The parcel went to another house last week and nobody told me, so I called twice on Monday and waited half an hour until the"
    " line went dead. My neighbour kept the box in her garage; on Thursday evening her son brought it round with the lid open and"
    " one of three glasses broken. I want either a new set or my money back within ten days, because it was meant for a birthday"
    " on Saturday and no shop near here sells them any more. Please write to the same address as before and not to the office,"
    " where the post is only sorted once every other week by somebody who never knows which of us it is meant for"
)

Calls = Sequence[Any]
"""Decoded calls: what `qa_audit.speech.decode.decode` gives."""

Hear = Callable[[Calls], None]


@dataclass(frozen=True)
class Way:
    """One way to hear calls. `make` gets the checkpoint, whether its words mean something, and the number of threads."""

    name: str
    make: Callable[[Path, bool, int], Hear]
    processes: int = 1
    threads: int = 2


def sides(call: Any) -> Iterable[npt.NDArray[np.float32]]:
    return [np.ascontiguousarray(side) for side in call.samples]


# ----------------------------------------------------------------------------------------- openai-whisper


def openai(*, mono: bool, **options: Any) -> Callable[[Path, bool, int], Hear]:
    def make(checkpoint: Path, real: bool, threads: int) -> Hear:
        import torch
        import whisper

        torch.set_num_threads(threads)
        model = whisper.load_model(str(checkpoint), device="cpu")
        carry = {} if real else {"condition_on_previous_text": False}

        def hear(calls: Calls) -> None:
            for call in calls:
                for sound in [call.samples.mean(axis=0)] if mono else sides(call):
                    model.transcribe(sound, language="en", fp16=False, **{**carry, **options})

        return hear

    return make


# ----------------------------------------------------------------------------------------- faster-whisper


def faster(*, batched: bool, **options: Any) -> Callable[[Path, bool, int], Hear]:
    def make(checkpoint: Path, real: bool, threads: int) -> Hear:
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        from qa_audit.speech.engines.conversion import converted

        loaded = WhisperModel(str(converted(checkpoint)), device="cpu", compute_type="int8", cpu_threads=threads)
        model = BatchedInferencePipeline(loaded) if batched else loaded
        carry = {} if real or batched else {"condition_on_previous_text": False}

        def hear(calls: Calls) -> None:
            for call in calls:
                for sound in sides(call):
                    segments, _ = model.transcribe(sound, language="en", vad_filter=True, **{**carry, **options})
                    for _ in segments:
                        pass

        return hear

    return make


# --------------------------------------------------------------------------------------------------- ours


def ours(*, engine: str = "faster-whisper", across: bool = False, **options: Any) -> Callable[[Path, bool, int], Hear]:
    """Voice activity and all; `across` packs the clips of all calls together."""

    def make(checkpoint: Path, real: bool, threads: int) -> Hear:
        from dataclasses import replace

        from qa_audit.config import Speech
        from qa_audit.speech import activity, ear
        from qa_audit.speech.engines import REGISTRY

        loaded: Any = REGISTRY[engine].load(Speech(model=str(checkpoint), device="cpu", **options))
        if not real:
            loaded._manner = replace(loaded._manner, second_beam=0, most_tokens=(TOKENS - 16) / 30)

        def clips(call: Any) -> list[Any]:
            heard = ear.listen(call, call_id="call").sides
            return [clip for side in heard for clip in activity.clips(side.samples, side.heard, side=side.channel)]

        def hear(calls: Calls) -> None:
            found = [clips(call) for call in calls]
            for one in [[clip for own in found for clip in own]] if across else found:
                loaded.transcribe(one, language="en")

        return hear

    return make


WAYS = (
    Way("the whisper command: mono mix, beam 5", openai(mono=True, beam_size=5, best_of=5)),
    Way("the same with word times", openai(mono=True, beam_size=5, best_of=5, word_timestamps=True)),
    Way("openai-whisper: by channel, greedy, word times", openai(mono=False, word_timestamps=True)),
    Way("faster-whisper: by channel, VAD, beam 5, word times", faster(batched=False, word_timestamps=True)),
    Way("the same, greedy", faster(batched=False, beam_size=1, word_timestamps=True)),
    Way("faster-whisper batched: by channel, VAD, greedy, word times", faster(batched=True, beam_size=1, word_timestamps=True)),
    Way("ours with openai-whisper, two processes", ours(engine="whisper"), processes=2, threads=1),
    Way("ours, one process", ours(), threads=1),
    Way("ours, two processes", ours(), processes=2, threads=1),
    Way("ours, two processes, beam 5", ours(beam_size=5), processes=2, threads=1),
    Way("ours, two processes, packed across calls", ours(across=True), processes=2, threads=1),
    Way("ours, two processes, fitted audio context", ours(audio_context="fitted"), processes=2, threads=1),
)

COMMAND, DEFAULTS = WAYS[1].name, WAYS[3].name
"""What ours is compared with: the usual settings of the two libraries, with word times as ours has them."""


def work(name: str, paths: Sequence[Path], checkpoint: Path, real: bool, start: Barrier, answers: Any) -> None:
    """One process: load, warm up on the beginning of the first call, wait for the others, hear its share, tell how long."""
    way = next(way for way in WAYS if way.name == name)
    os.environ["OMP_NUM_THREADS"] = str(way.threads)
    from dataclasses import replace

    calls = [load(path) for path in paths]
    hear = way.make(checkpoint, real, way.threads)
    hear([replace(calls[0], samples=calls[0].samples[:, : 8 * 16_000])])
    start.wait(timeout=300)
    started, spent = time.perf_counter(), time.process_time()
    hear(calls)
    answers.put((time.perf_counter() - started, time.process_time() - spent, peak_memory()))


def peak_memory() -> float:
    """Of this process, in megabytes."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def load(path: Path) -> Any:
    from qa_audit.config import Recordings
    from qa_audit.speech.decode import decode

    return decode(path, call_id=path.stem, limits=Recordings(min_seconds=0))


def measure(way: Way, paths: Sequence[Path], checkpoint: Path, real: bool) -> tuple[float, float, float]:
    """Seconds until the last process was done, processor seconds of all, and megabytes of the largest."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(way.processes), context.Queue()
    shares = [paths[i :: way.processes] for i in range(way.processes)]
    workers = [context.Process(target=work, args=(way.name, share, checkpoint, real, start, answers)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit(f"{way.name}: a process failed")
    found = [answers.get() for _ in workers]
    return max(wall for wall, _, _ in found), sum(spent for _, spent, _ in found), max(memory for _, _, memory in found)


def recordings(given: Sequence[Path], count: int) -> list[Path]:
    """The longest of the calls with two channels, an even number of them, so that two processes have as much to do."""
    files = [file for path in given for file in (sorted(path.iterdir()) if path.is_dir() else [path]) if file.suffix in SOUND]
    lengths = {file: seconds(file) for file in files}
    return sorted((file for file in files if lengths[file]), key=lambda file: -lengths[file])[:count]


SOUND = {".wav", ".flac", ".ogg", ".mp3", ".m4a", ".opus"}


def seconds(file: Path) -> float:
    """How long a call is; 0 when it cannot be heard or nobody speaks."""
    from qa_audit.errors import CallError
    from qa_audit.speech import ear

    try:
        call = load(file)
        ear.listen(call, call_id=file.stem)
    except CallError:
        return 0.0
    return float(call.samples.shape[1] / 16_000) if len(call.samples) == 2 else 0.0


def made_up(folder: Path, size: str) -> Path:
    """A checkpoint of a true size that says the same text in every window."""
    from checkpoints import BASE, TINY, speaking_checkpoint
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(True)
    text = tokenizer.decode(tokenizer.encode(TEXT)[: TOKENS - 1])  # a timestamp comes before it
    return speaking_checkpoint(folder / f"{size}-{TOKENS}-tokens.pt", text, size={"tiny": TINY, "base": BASE}[size])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", type=Path, nargs="+", default=[ROOT / "sample_calls"], help="files or folders of two-channel calls")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint of openai-whisper (.pt)")
    parser.add_argument("--size", choices=("tiny", "base"), default="base", help="of the made-up weights")
    parser.add_argument("--calls", type=int, default=4, help="how many of the longest calls")
    parser.add_argument("--only", nargs="+", default=[""], help="ways whose name has one of these words")
    asked = parser.parse_args()
    paths = recordings(asked.audio, asked.calls)
    if len(paths) < max(way.processes for way in WAYS):
        parser.error("two processes hear a call each: give --calls 2 or more, and as many recordings")
    total = sum(map(seconds, paths))
    weights = asked.checkpoint.name if asked.checkpoint else f"made-up weights of {asked.size}"
    print(f"{len(paths)} calls, {total:.0f} s together; {weights}; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}\n")
    print(
        "| way | processes × threads | real-time factor | × the whisper command | × faster-whisper | memory, MB | processor s a s |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = asked.checkpoint or made_up(Path(folder), asked.size)
        os.environ.setdefault("XDG_CACHE_HOME", folder)
        took: dict[str, float] = {}
        for way in [way for way in WAYS if any(word in way.name for word in asked.only)]:
            took[way.name], spent, memory = measure(way, paths, checkpoint, asked.checkpoint is not None)
            ratios = [f"{took[peer] / took[way.name]:.1f}" if peer in took else "" for peer in (COMMAND, DEFAULTS)]
            cells = [
                way.name,
                f"{way.processes} × {way.threads}",
                f"{took[way.name] / total:.3f}",
                *ratios,
                f"{memory:.0f}",
                f"{spent / total:.3f}",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
