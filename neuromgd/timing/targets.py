"""Published times set beside the project's own; what they say stands in hardware_models/targets."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from neuromgd.sheets import library
from neuromgd.sheets.platform import Platform, load
from neuromgd.timing import silicon, wires
from neuromgd.timing.clock import Clock
from neuromgd.timing.layer import product, stage, tile
from neuromgd.timing.report import time_run
from neuromgd.timing.workload import Workload

Facts = dict[str, Any]
Row = tuple[str, float, float, str]


class Comparison(NamedTuple):
    """One published number beside the project's own.

    Attributes:
        target: Name of the target.
        what: What is compared.
        ours: The project's number.
        theirs: The published one.
        unit: Unit of both.
        facts: The target's entry: kind, independence, tolerance, source, note.
    """

    target: str
    what: str
    ours: float
    theirs: float
    unit: str
    facts: Facts

    @property
    def ratio(self) -> float:
        """Ours over theirs."""
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        """Whether the ratio, at six digits, is within the tolerance of 1."""
        return round(abs(self.ratio - 1), 6) <= self.facts["tolerance"] + 1e-6


def paper_clock(facts: Facts) -> Iterator[Row]:
    """Times so many perturbations by the papers' clock."""
    workload = Workload(layers=(2, 1), steps=facts["steps"])
    for name, theirs in facts["theirs"].items():
        yield name, time_run(load(name), workload, "paper_clock").seconds, theirs, facts["unit"]


def photonic_epoch(facts: Facts) -> Iterator[Row]:
    """Times one epoch in which a batch shares a perturbation and ends with a write."""
    batch = facts["batch"]
    workload = Workload(
        layers=(2, 1), steps=facts["samples"], tau_perturbation=batch, tau_update=batch
    )
    for name, theirs in facts["theirs"].items():
        yield "one epoch", time_run(load(name), workload).seconds, theirs, facts["unit"]


def microseconds(platform: Platform, point: Facts) -> float:
    """Returns the time of one product at one of the measured precisions [us]."""
    array = msgspec.structs.replace(
        platform.array, input_phases=tuple(point["phases"]), adc_steps=point["adc_steps"]
    )
    clock = Clock(platform)
    pieces = product(array, tile(array, 128, 256), clock)
    return float(sum(ticks for _, ticks in pieces) * clock.tick * 10**6)


def precisions(facts: Facts) -> Iterator[Row]:
    """Times a product by the sheet's layer model, and by constants that never saw the point."""
    platform, points = load("memristor_130nm"), facts["points"]
    for point in points:
        what = f"{point['bits']} bits out/in, {len(point['phases'])} phase"
        yield what, microseconds(platform, point), point["theirs"], facts["unit"]
    for number, point in enumerate(points):
        what = f"{point['bits']} bits, {len(point['phases'])} phase, held out"
        others = points[:number] + points[number + 1 :]
        yield what, fitted(others, point), point["theirs"], facts["unit"]


def fitted(points: list[Facts], held_out: Facts) -> float:
    """Predicts a point by the three constants that fit the others best in relative error [us]."""
    import numpy as np

    def counts(point: Facts) -> list[int]:
        steps = sum(2**bits - 1 for bits in point["phases"])
        return [steps, point["adc_steps"], len(point["phases"])]

    measured = np.array([point["theirs"] for point in points])
    design = np.array([counts(point) for point in points]) / measured[:, None]
    constants, *_ = np.linalg.lstsq(design, np.ones(len(points)))
    return float(np.dot(counts(held_out), constants))


def isaac(facts: Facts) -> Iterator[Row]:
    """Derives pipeline depth, throughput and converter power from the structure of the sheet."""
    platform = load("isaac_16bit")
    array, clock = platform.array, Clock(platform)
    weights = array.columns // array.columns_per_weight
    tiling = tile(array, array.rows, weights)
    layer = sum(ticks for _, ticks in stage(array, tiling, clock))
    theirs = facts["theirs"]
    pipeline = float((clock["load"] + layer) * clock.tick * 10**6)
    yield "pipeline of one layer", pipeline, theirs["pipeline_us"], "us"
    seconds = array.slices * clock["read"] * clock.tick
    operations = facts["arrays"] * 2 * array.rows * weights
    yield "peak throughput", float(operations / seconds / 10**9), theirs["peak_gops"], "GOPS"
    conversions = facts["arrays"] * array.columns / (clock["read"] * clock.tick)
    joules = platform.energies["convert"].exact() or 0
    yield "converter power", float(conversions * joules), theirs["converter_watts"], "W"


def one_product(facts: Facts) -> Iterator[Row]:
    """Times one product."""
    for name, theirs in facts["theirs"].items():
        platform = load(name)
        clock = Clock(platform)
        pieces = product(platform.array, tile(platform.array, 128, 16), clock)
        ours = float(sum(ticks for _, ticks in pieces) * clock.tick * 10**9)
        yield "one product", ours, theirs, facts["unit"]


def kernels(facts: Facts) -> Iterator[Row]:
    """Reads the three kernels of a backpropagation step and adds them."""
    clock = Clock(load("capacitor_cmos"))
    read, write = (float(clock[name] * clock.tick * 10**9) for name in ("read", "write"))
    ours = {"read": read, "transpose_read": read, "update": write, "sum": 2 * read + write}
    for name, theirs in facts["theirs"].items():
        yield name.replace("_", " "), ours[name], theirs, facts["unit"]


def latency_timer(facts: Facts) -> Iterator[Row]:
    """Compares the USB bench with the latency timer at its default and at its smallest."""
    workload = Workload(layers=(784, 128, 64, 10), steps=1000, tau_update=1000)
    default, tuned = load("bench_usb"), load("bench_usb_tuned")
    steps = [time_run(sheet, workload).seconds for sheet in (default, tuned)]
    legs = [Clock(sheet)["receive"] for sheet in (default, tuned)]
    theirs = facts["theirs"]
    yield "a whole timestep", steps[0] / steps[1], theirs["whole_timestep"], facts["unit"]
    yield "the return leg alone", legs[0] / legs[1], theirs["return_leg"], facts["unit"]


def chains(facts: Facts) -> Iterator[Row]:
    """Adds up splitters and hops as the broadcast model does."""
    sfq, loihi = load("sfq_50ghz"), load("loihi_mesh")
    for name, theirs in facts["theirs"].items():
        if name.startswith("splitters"):
            sheet, leaves = sfq, int(name.rpartition("_")[2])
            ours = broadcast_ticks(sheet, 1, leaves)
        else:
            sheet = loihi
            ours = broadcast_ticks(sheet, 29, None) + Clock(sheet)["cost"]
        nanoseconds = float(ours * Clock(sheet).tick * 10**9)
        yield name.replace("_", " "), nanoseconds, theirs, facts["unit"]


def broadcast_ticks(platform: Platform, tiles: int, leaves: int | None) -> int:
    """Returns the time of one broadcast over so many tiles or splitter ends [tick]."""
    assert platform.broadcast is not None, "the sheet has one"
    broadcast = msgspec.structs.replace(platform.broadcast, leaves=leaves)
    way = wires.route(broadcast, 1, tiles, platform.array.columns)
    return sum(ticks for _, ticks in wires.broadcast_pieces(broadcast, way, Clock(platform)))


TARGETS: dict[str, Callable[[Facts], Iterator[Row]]] = {
    "V1": paper_clock,
    "V2": paper_clock,
    "V3": photonic_epoch,
    "V4": precisions,
    "V7": isaac,
    "V8": one_product,
    "V9": kernels,
    "V14": latency_timer,
    "V15": chains,
    "V17": silicon.at_peak,
    "V18": silicon.at_peak,
    "V19": silicon.clocks,
    "V20": silicon.power_at_peak,
    "V21": silicon.efficiency,
}


def published() -> dict[str, Facts]:
    """Returns the published figures by target."""
    return library.table(library.folder("targets") / "timing.toml")


def reproduce(target: str) -> list[Comparison]:
    """Works out all numbers of one target."""
    facts = published()[target]
    return [Comparison(target, *row, facts) for row in TARGETS[target](facts)]
