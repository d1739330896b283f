"""The intervals as trace events for ui.perfetto.dev, chrome://tracing and Speedscope.

These viewers keep nothing below a nanosecond, so one tick is shown as one nanosecond; the true
length of a tick stands in ``otherData`` and the exact ticks in the arguments of each slice.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from neuromgd.timing.traces.intervals import Interval

# Trace events count in microseconds.
MICROSECONDS_PER_TICK = 1000


def write(path: Path, intervals: list[Interval], tick: Fraction, title: str) -> None:
    """Writes slices for work, waiting and blocking, flows from broadcasts, energy counters."""
    tracks = Tracks()
    events: list[dict[str, Any]] = []
    for one in intervals:
        if one.end > one.start:
            name = one.part if one.part == one.cause else f"{one.part} ({one.cause})"
            events.append(slice_of(tracks.of(one.resource), name, one.start, one.end, one))
        if one.freed > one.end:
            track = tracks.of(one.resource)
            events.append(slice_of(track, "blocked", one.end, one.freed, one))
    events += waits(tracks, intervals) + flows(tracks, intervals) + counters(intervals)
    document = {
        "displayTimeUnit": "ns",
        "otherData": {
            "title": title,
            "time scale": "one tick is shown as 1 ns",
            "seconds per tick": str(float(tick)),
            "true seconds per shown second": str(float(tick * 10**9)),
        },
        "traceEvents": tracks.names() + events,
    }
    path.write_text(json.dumps(document), encoding="utf-8")


class Tracks:
    """Numbers of the tracks: a thread for each resource."""

    def __init__(self):
        self.numbers: dict[str, int] = {}

    def of(self, resource: str) -> int:
        """Returns the track of a resource."""
        return self.numbers.setdefault(resource, len(self.numbers) + 1)

    def names(self) -> list[dict[str, Any]]:
        """Returns the events that name and sort the tracks."""
        named: list[dict[str, Any]] = [
            {"ph": "M", "name": "process_name", "pid": 0, "args": {"name": "chip"}}
        ]
        for resource, track in self.numbers.items():
            where = {"ph": "M", "pid": 0, "tid": track}
            named.append({**where, "name": "thread_name", "args": {"name": resource}})
            named.append({**where, "name": "thread_sort_index", "args": {"sort_index": track}})
        return named


def slice_of(track: int, name: str, start: int, end: int, one: Interval) -> dict[str, Any]:
    """Returns one slice; its arguments hold the exact ticks."""
    return {
        "ph": "X", "pid": 0, "tid": track, "name": name, "cat": one.phase,
        "ts": start / MICROSECONDS_PER_TICK, "dur": (end - start) / MICROSECONDS_PER_TICK,
        "args": {
            "timestep": one.step, "cause": one.cause, "start_tick": start, "end_tick": end,
            "energy_J": None if one.joules is None else float(one.joules),
        },
    }  # fmt: skip


def waits(tracks: Tracks, intervals: list[Interval]) -> list[dict[str, Any]]:
    """Returns the time that ready work waited, on as many tracks as wait at once."""
    free: dict[str, list[int]] = {}
    events = []
    for one in sorted(intervals, key=lambda interval: interval.ready):
        if one.start > one.ready:
            lanes = free.setdefault(one.resource, [])
            lane = next((i for i, end in enumerate(lanes) if end <= one.ready), len(lanes))
            lanes[lane : lane + 1] = [one.start]
            track = tracks.of(f"wait:{one.resource}" + (f" {lane + 1}" if lane else ""))
            events.append(slice_of(track, f"wait:{one.resource}", one.ready, one.start, one))
    return events


def flows(tracks: Tracks, intervals: list[Interval]) -> list[dict[str, Any]]:
    """Returns arrows from each broadcast to the accumulations that it starts."""
    events = []
    sources = {one.step: one for one in intervals if one.part == "broadcast"}
    heard = [one for one in intervals if one.part == "accumulate" and one.step in sources]
    for number, one in enumerate(heard):
        source = sources[one.step]
        for kind, resource, moment in (
            ("s", source.resource, source.start), ("f", one.resource, one.start)
        ):  # fmt: skip
            track = tracks.of(resource)
            events.append(
                {"ph": kind, "id": number, "name": "delta cost", "cat": "broadcast", "bp": "e",
                 "pid": 0, "tid": track, "ts": moment / MICROSECONDS_PER_TICK}
            )  # fmt: skip
    return events


def counters(intervals: list[Interval]) -> list[dict[str, Any]]:
    """Returns the energy spent so far, by cause, after each interval whose energy is known."""
    spent: dict[str, float] = {}
    events = []
    for one in sorted(intervals, key=lambda interval: interval.end):
        if one.joules:
            spent[one.cause] = spent.get(one.cause, 0.0) + float(one.joules * 10**12)
            events.append(
                {"ph": "C", "pid": 0, "name": "energy [pJ]", "args": dict(spent),
                 "ts": one.end / MICROSECONDS_PER_TICK}
            )  # fmt: skip
    return events
