"""Lessons in, a small change to the sentence encoder out (qa_audit/audit/meaning/tuned.npz): `tuning.py`, then `quality.py --ship`.

The encoder's last layers learn to tell the behaviours apart, all at once, by a low-rank change of their matrices (LoRA; Hu et
al. 2021); the layers below are run once and kept. Lessons that `training.is_kept_back` names are not read, nor those of HEADS_ONLY.
Takes about five minutes of one quiet core, seeded and on one thread. Needs torch, which users never do.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from qa_audit.audit.meaning.encoder import TUNED, Encoder, Window, load_encoder, packaged
from qa_audit.audit.meaning.learnt import taught as read_taught
from qa_audit.audit.meaning.teaching import Taught, from_behaviours, from_lesson
from qa_audit.audit.meaning.training import is_kept_back, marked
from qa_audit.config import Rules
from qa_audit.rules import load_rules
from qa_audit.rules.language import Behaviour

HEADS_ONLY = frozenset((
    "digital-and-memberships-chat", "feelings-and-endings-chat", "fixes-and-deliveries-chat", "long-mixed-chat", "orders-and-returns-chat",
    "phone-hard-talk", "phone-leaving-blame-noes", "phone-next-steps-and-noes", "phone-quotes-and-sales", "public-threads",
    "wishes-and-questions-chat",
))  # fmt: skip
"""Files of lessons that teach the heads alone. Heads trust vectors too much where the encoder has seen the lesson: tuned on
these as well, it found less in calls that it had not seen (docs/finding.md)."""

TUNED_LAYERS, RANK = 3, 16
EPOCHS, BATCH = 3, 32
RATE, HEAD_RATE, DECAY, WARM_UP = 1e-3, 5e-3, 0.01, 0.1
DROPPED, DROPPED_AT_HEAD = 0.1, 0.3
SCALE = 8.0
"""Unit vectors are lengthened by this before the heads, so that the heads need no large weights."""

PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
}
Weights = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Example:
    """A window with its units: the token spans of each, what it shows and of which behaviours it tells anything."""

    window: Window
    units: tuple[tuple[tuple[int, int], ...], ...]
    shown: Tensor
    told: Tensor


class Linear(nn.Module):
    """A frozen linear layer with a low-rank change that learns."""

    def __init__(self, weights: Weights, name: str, draw: torch.Generator, *, learns: bool) -> None:
        super().__init__()
        self.weight, self.bias = weights[f"{name}.weight"].bfloat16(), weights[f"{name}.bias"].bfloat16()
        outputs, inputs = self.weight.shape
        if learns:
            self.down = nn.Parameter(torch.randn(RANK, inputs, generator=draw) / math.sqrt(inputs))
            self.up = nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, x: Tensor) -> Tensor:
        own = functional.linear(x, self.weight, self.bias)
        if not hasattr(self, "up"):
            return own
        return own + functional.linear(functional.linear(x, self.down.bfloat16()), self.up.bfloat16())


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2019)."""

    def __init__(self, weights: Weights, at: str, heads: int, draw: torch.Generator, *, learns: bool) -> None:
        super().__init__()
        self.heads = heads
        self.parts = nn.ModuleDict({part: Linear(weights, f"{at}.{name}", draw, learns=learns) for part, name in PARTS.items()})
        self.norms = [
            tuple(weights[f"{at}.{name}.LayerNorm.{kind}"].bfloat16() for kind in ("weight", "bias"))
            for name in ("attention.output", "output")
        ]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, dim = x.shape
        query, key, value = (
            self.parts[name](x).view(rows, tokens, self.heads, dim // self.heads).transpose(1, 2) for name in ("query", "key", "value")
        )
        looks = (query @ key.transpose(2, 3) / math.sqrt(dim // self.heads)).masked_fill(~mask, -1e4).softmax(dim=-1)
        seen = (looks @ value).transpose(1, 2).reshape(rows, tokens, dim)
        x = self._norm(x + self._drop(self.parts["out"](seen)), 0)
        return self._norm(x + self._drop(self.parts["narrow"](functional.gelu(self.parts["wide"](x)))), 1)

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPPED, self.training)

    def _norm(self, x: Tensor, number: int) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], *self.norms[number], 1e-12)


class Tuned(nn.Module):
    """The layers that learn, and a head a behaviour."""

    def __init__(self, layers: Sequence[Layer], dim: int, behaviours: int) -> None:
        super().__init__()
        self.layers, self.head = nn.ModuleList(layers), nn.Linear(dim, behaviours)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.constant_(self.head.bias, -2.0)

    def forward(self, states: Sequence[Tensor], units: Sequence[Sequence[Sequence[tuple[int, int]]]]) -> Tensor:
        x, mask = together(states)
        for layer in self.layers:
            x = layer(x, mask)
        vectors = torch.cat([pooling(spans, x.shape[1]) @ row for spans, row in zip(units, x.float(), strict=True)])
        return self.head(functional.dropout(SCALE * functional.normalize(vectors, dim=1), DROPPED_AT_HEAD, self.training))


def together(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Windows of several lengths as one padded table, and which tokens may be looked at."""
    lengths = torch.tensor([len(one) for one in states])
    x = nn.utils.rnn.pad_sequence(list(states), batch_first=True)
    return x, (torch.arange(x.shape[1])[None] < lengths[:, None])[:, None, None, :]


def pooling(units: Sequence[Sequence[tuple[int, int]]], tokens: int) -> Tensor:
    """A row a unit that takes the mean of its tokens."""
    rows = torch.zeros(len(units), tokens)
    for row, spans in enumerate(units):
        for first, last in spans:
            rows[row, first:last] = 1
    return rows / rows.sum(dim=1, keepdim=True)


def main() -> None:
    """Tune, say how the loss falls, write the change."""
    torch.set_num_threads(1)  # threads wait for each other where a machine is shared, and the sum's order is fixed with one
    encoder, behaviours = load_encoder(), load_rules(Rules()).behaviours
    names, taught = lesson_turns(behaviours)
    examples = [example for one in taught for example in examples_of(one, encoder, names, behaviours)]
    weights = {name.removeprefix("bert."): tensor for name, tensor in load_file(packaged() / "model.safetensors").items()}
    config = json.loads((packaged() / "config.json").read_text(encoding="utf-8"))
    write(tune(examples, names, weights, config), TUNED)


def lesson_turns(behaviours: Mapping[str, Behaviour]) -> tuple[tuple[str, ...], tuple[Taught, ...]]:
    """The behaviours to learn, and all turns that teach them."""
    lessons = [lesson for lesson in read_taught(()) if Path(lesson.location.path).stem not in HEADS_ONLY]
    known = marked(lessons) & behaviours.keys()
    seen = [turn for lesson in lessons if not is_kept_back(lesson) for turn in from_lesson(lesson, known)]
    alone = tuple(from_behaviours(behaviours.values()))
    names = known | {name for turn in alone for unit in turn.units for name in unit.shown}
    return tuple(sorted(names)), (*seen, *alone)


def examples_of(taught: Taught, encoder: Encoder, names: Sequence[str], behaviours: Mapping[str, Behaviour]) -> Iterator[Example]:
    """A turn as windows, each with the units that lie wholly in it."""
    for window in encoder.windows([taught.reading]):
        places = {row: (first, last) for row, first, last in window.spans}
        units = [unit for unit in taught.units if set(unit.pieces) <= places.keys()]
        if units:
            told = [[taught.speaker in behaviours[name].who and name in unit.shown | unit.absent for name in names] for unit in units]
            yield Example(
                window,
                tuple(tuple(places[piece] for piece in unit.pieces) for unit in units),
                torch.tensor([[name in unit.shown for name in names] for unit in units], dtype=torch.float32),
                torch.tensor(told, dtype=torch.float32),
            )


def tune(examples: Sequence[Example], names: Sequence[str], weights: Weights, config: Mapping[str, int]) -> dict[str, np.ndarray]:
    """The change, as pairs of matrices NAME.up and NAME.down."""
    torch.manual_seed(0)
    draw, heads, count = torch.Generator().manual_seed(0), config["num_attention_heads"], config["num_hidden_layers"]
    first = count - TUNED_LAYERS
    layers = [Layer(weights, f"encoder.layer.{n}", heads, draw, learns=n >= first) for n in range(count)]
    states = list(below(examples, layers[:first], weights))
    print(f"{len(examples)} windows of {sum(map(len, states))} tokens, {len(names)} behaviours", flush=True)
    model = Tuned(layers[first:], config["hidden_size"], len(names))
    learn(model, examples, states)
    return {
        f"encoder.layer.{first + n}.{name}.weight.{side}": getattr(layer.parts[part], side).detach().numpy().astype(np.float16)
        for n, layer in enumerate(model.layers)
        for part, name in PARTS.items()
        for side in ("up", "down")
    }


@torch.no_grad()
def below(examples: Sequence[Example], layers: Sequence[Layer], weights: Weights) -> Iterator[Tensor]:
    """What goes into the layers that learn, one window at a time: it never changes."""
    for example in examples:
        ids, types = torch.tensor(example.window.ids), torch.tensor(example.window.types)
        x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.token_type_embeddings.weight"][types]
        x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
        norm = (weights[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias"))
        x, mask = together([functional.layer_norm(x, x.shape[-1:], *norm, 1e-12).bfloat16()])
        for layer in layers:
            x = layer.eval()(x, mask)
        yield x[0]


def learn(model: Tuned, examples: Sequence[Example], states: Sequence[Tensor]) -> None:
    """AdamW with a rate that rises, then falls to nothing; rare behaviours count more."""
    shown = sum((one.shown * one.told).sum(dim=0) for one in examples) + 1
    absent = sum(((1 - one.shown) * one.told).sum(dim=0) for one in examples) + 1
    changes = [parameter for parameter in model.layers.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": changes, "lr": RATE}, {"params": model.head.parameters(), "lr": HEAD_RATE}], weight_decay=DECAY
    )
    draw = np.random.default_rng(0)
    steps = [batch for _ in range(EPOCHS) for batch in batches(states, draw)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: min(1.0, n / (WARM_UP * len(steps))) * (1 - n / len(steps)))
    model.train()
    total = 0.0
    for number, batch in enumerate(steps, 1):
        scores = model([states[n] for n in batch], [examples[n].units for n in batch])
        there, told = (torch.cat([getattr(examples[n], name) for n in batch]) for name in ("shown", "told"))
        losses = functional.binary_cross_entropy_with_logits(scores, there, pos_weight=(absent / shown).sqrt(), reduction="none")
        loss = (losses * told).sum() / len(batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += loss.item()
        if number % 100 == 0:
            print(f"step {number} of {len(steps)}: loss {total / 100:.3f}", flush=True)
            total = 0.0


def batches(states: Sequence[Tensor], draw: np.random.Generator) -> list[list[int]]:
    """All windows once, in batches of like length, in another order every time."""
    order, found = draw.permutation(len(states)), []
    for start in range(0, len(order), 20 * BATCH):
        some = sorted(order[start : start + 20 * BATCH].tolist(), key=lambda n: len(states[n]))
        found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    return [found[n] for n in draw.permutation(len(found))]


def write(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """An npz without a time of writing in it: the same change gives the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())


if __name__ == "__main__":
    main()
