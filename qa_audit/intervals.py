"""Arithmetic on stretches of time: sorted, disjoint (start, end) pairs in seconds go in and come out."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[float, float]
Intervals = tuple[Interval, ...]


def union(intervals: Iterable[Interval], *, gap: float = 0.0) -> Intervals:
    """Everything covered by at least one of them, in order; stretches no more than `gap` seconds apart become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return tuple(merged)


def common(one: Intervals, other: Intervals) -> Intervals:
    """What both cover."""
    found: list[Interval] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if end > start:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(one: Intervals, other: Intervals) -> Intervals:
    """What `one` covers and `other` does not."""
    if not one:
        return ()
    return common(one, complement(other, one[0][0], one[-1][1]))


def complement(intervals: Intervals, start: float, end: float) -> Intervals:
    """What lies between `start` and `end` and is not covered."""
    edges = [start, *(edge for interval in intervals for edge in interval), end]
    gaps = ((max(a, start), min(b, end)) for a, b in zip(edges[::2], edges[1::2], strict=True))
    return tuple((a, b) for a, b in gaps if b > a)


def total(intervals: Iterable[Interval]) -> float:
    """Seconds covered by disjoint stretches."""
    return sum((end - start for start, end in intervals), 0.0)


def longest(intervals: Iterable[Interval]) -> float:
    """Seconds of the longest stretch, 0 when there is none."""
    return max((end - start for start, end in intervals), default=0.0)
