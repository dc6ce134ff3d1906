"""How well calls are judged, against labelled conversations: the whole product beside three simpler ways, in one run.

    quality.py LABELS CONVERSATIONS [LABELS CONVERSATIONS …]    print precision, recall, F1 and kappa
    quality.py … --causes    also print why outcomes are wrong, clause by clause
    quality.py … --fit       also write the thresholds that ship (qa_audit/audit/meaning/thresholds.json)
    quality.py --ship        learn the starter behaviours again and write the model that ships

LABELS and CONVERSATIONS are JSON lines as `shared/bench/LABELS.md` describes them. Behaviours and lessons never see a
labelled conversation; only thresholds are fitted to them, and every figure is of conversations that the thresholds in
use did not see (five folds by conversation). Intervals are percentile bootstraps over conversations.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from labelled import Labelled, Marked, read_labelled
from peers import PEERS, Material
from scores import CAUSES, agreement, causes, found_and_missed, interval, macro

from qa_audit.audit.meaning import thresholds
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.meaning.learnt import SHIPPED, ship
from qa_audit.config import Rules
from qa_audit.rules import load_rules

FOLDS = 5
SHIPPED_FOLDER = Path(thresholds.__file__).parent


def main() -> None:
    """Read the command line, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, metavar="LABELS CONVERSATIONS")
    parser.add_argument("--fit", action="store_true", help="write the thresholds fitted to all of them")
    parser.add_argument("--causes", action="store_true", help="print also why outcomes are wrong")
    parser.add_argument("--ship", action="store_true", help="learn the starter behaviours and write the model")
    parser.add_argument("--only", choices=[peer.name for peer in PEERS], action="append", help="print only these ways")
    asked = parser.parse_args()
    if asked.ship:
        ship(load_rules(Rules()).behaviours, load_encoder(), SHIPPED_FOLDER / SHIPPED)
    sets = [read_labelled(*pair) for pair in zip(asked.paths[::2], asked.paths[1::2], strict=True)]
    if not sets:
        return
    material = Material.of([one for labelled in sets for one in labelled])
    for peer in PEERS:
        if asked.only is None or peer.name in asked.only:
            marked = out_of_fold(material, peer.fit, peer.mark)
            for labelled in sets:
                report(peer.name, labelled, marked)
                if asked.causes:
                    print_causes(labelled, marked)
    if asked.fit:
        fitted = PEERS[0].fit(material, list(range(len(material.conversations))))
        (SHIPPED_FOLDER / "thresholds.json").write_text(json.dumps(fitted, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def out_of_fold(
    material: Material,
    fit: Callable[[Material, Sequence[int]], Any],
    mark: Callable[[Material, Any, Sequence[int]], Mapping[str, Marked]],
) -> Mapping[str, Marked]:
    """Every conversation marked with what was fitted on the other folds."""
    numbers = range(len(material.conversations))
    marked: dict[str, Marked] = {}
    for fold in range(FOLDS):
        unseen = [number for number in numbers if number % FOLDS == fold]
        marked |= mark(material, fit(material, [number for number in numbers if number % FOLDS != fold]), unseen)
    return marked


def report(peer: str, labelled: Sequence[Labelled], marked: Mapping[str, Marked]) -> None:
    """One table of clauses and one of behaviours."""
    print(f"\n{peer} · {len(labelled)} conversations from {labelled[0].source}")
    print(f"{'clause':20s} prec  rec   F1    kappa  95 %          missed flagged")
    for clause in labelled[0].outcomes:
        print(row(clause, labelled, marked, lambda pairs, name=clause: agreement(pairs, name)))
    print(f"{'behaviour':20s} prec  rec   F1           95 %          turns  found")
    for behaviour in sorted({name for one in labelled for name in one.turns}):
        print(row(behaviour, labelled, marked, lambda pairs, name=behaviour: found_and_missed(pairs, name)))
    for name, value, low, high in macro([(one, marked[one.call_id]) for one in labelled]):
        print(f"macro {name:14s} {value:.2f}  {low:.2f}..{high:.2f}")


def print_causes(labelled: Sequence[Labelled], marked: Mapping[str, Marked]) -> None:
    """A Markdown table: how many outcomes of each clause are right, and why the others are wrong."""
    print("\n| clause | " + " | ".join(("right", *CAUSES)) + " |")
    print("|---" * (2 + len(CAUSES)) + "|")
    for clause in labelled[0].outcomes:
        print(f"| {clause} | " + " | ".join(map(str, causes([(one, marked[one.call_id]) for one in labelled], clause).values())) + " |")


def row(name: str, labelled: Iterable[Labelled], marked: Mapping[str, Marked], measure: Callable[..., Mapping[str, float | None]]) -> str:
    """One line of a table."""
    pairs = [(one, marked[one.call_id]) for one in labelled]
    found = measure(pairs)
    main_figure = "kappa" if "kappa" in found else "f1"
    low, high = interval(pairs, lambda some: measure(some)[main_figure])
    shown = [("  - " if found[key] is None else f"{found[key]:.2f}") for key in ("precision", "recall", "f1")]
    kappa = "     " if "kappa" not in found else ("  -  " if found["kappa"] is None else f"{found['kappa']:5.2f}")
    spread = "             " if np.isnan(low) else f"{low:5.2f}..{high:4.2f}  "
    return f"{name:20s} {'  '.join(shown)}  {kappa}  {spread} {found['truth']:5.0f}  {found['flagged']:5.0f}"


if __name__ == "__main__":
    main()
