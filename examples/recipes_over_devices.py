"""What must a synapse add to a published memory cell, so that a chip of them learns MNIST?

For every device sheet: kicked neurons with gates, centred rows and a range of ΔC (see
docs/modes.md), and a residue of eight bits. Rate and threshold are the best of a grid, two chips a
point, on a sixth of the training samples that was held out; eight chips with the best of them then
learn from all samples and are tested. Writes a recipe for every sheet, which

    neuromgd train --config recipes/NAME.toml

runs, and what was measured, point by point. What is there already is not run again.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from msgspec.structs import replace

import neuromgd as nm
from neuromgd.errors import InputError
from neuromgd.options.read import base, checked, to_toml
from neuromgd.plan.plan import NO_PARTS, plan
from neuromgd.sheets import device, library
from neuromgd.study.search import held_out

RATES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
# In weight units; cells whose pulses are longer write from half a pulse on.
THRESHOLDS = (0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.0)
# Full scale of a residue over its threshold.
ROOM = 2.0
BITS = 8
SECONDS_PER_TIMESTEP = 1e-6


def common(sheet: str, is_quick: bool) -> nm.Config:
    """What all points of one sheet share: 128 samples, each with its kick, before every write."""
    start = base(is_ideal=False, has_sheet=True)
    # Cells that time does nothing to take no time.
    is_aging = {"drift_exponent", "leak_time"} & device.load(sheet).cell().numbers.keys()
    seconds = SECONDS_PER_TIMESTEP if is_aging else None
    return replace(
        start,
        task="digits" if is_quick else "mnist", windows=60 if is_quick else 1000, chips=2,
        tau_perturbation=1, tau_update=128,
        network=replace(start.network, activation="relu"),
        array=replace(start.array, centre_windows=100.0),
        learning=replace(start.learning, mode="node"),
        synapse=replace(start.synapse, gate="post", residue=True, residue_bits=BITS),
        bus=replace(start.bus, delta_clip=3.0),
        device=replace(start.device, sheet=sheet, seconds_per_timestep=seconds),
    )  # fmt: skip


def at(config: nm.Config, rate: float, threshold: float) -> nm.Config:
    """One point."""
    return replace(
        config,
        learning=replace(config.learning, rate=rate),
        synapse=replace(config.synapse, residue_range=ROOM * threshold),
        device=replace(config.device, write_threshold=threshold),
    )


def possible(config: nm.Config) -> list[float]:
    """Those thresholds that the residue of this cell can reach."""
    data, found = plan(replace(config, synapse=replace(config.synapse, residue=False,
                                                       residue_bits=None))).data, []  # fmt: skip
    for threshold in THRESHOLDS:
        try:
            plan(checked(at(config, RATES[0], threshold)), loaded=data)
        except InputError:
            continue
        found.append(threshold)
    return found


def searched(config: nm.Config, out: Path, rates: tuple[float, ...]) -> list[dict[str, float]]:
    """Every point of the grid: rate, threshold, accuracy on samples held out, writes of a cell."""
    thresholds = possible(config)
    ranges = ",".join(str(ROOM * one) for one in thresholds)
    over = [
        "learning.rate=" + ",".join(map(str, rates)),
        f"device.write_threshold={','.join(map(str, thresholds))} with"
        f" synapse.residue_range={ranges}",
    ]
    apart = NO_PARTS._replace(data=held_out(plan(config_of_data(config)).data, config.seed))
    done = nm.sweep(replace(config, out=str(out)), over, parts=apart)
    writes: dict[tuple[float, float], list[float]] = {}
    for row in done.table:
        place = row["learning.rate"], row["device.write_threshold"]
        writes.setdefault(place, []).append(row["writes_per_cell"])
    return [
        {
            "rate": one["learning.rate"], "threshold": one["device.write_threshold"],
            "accuracy": one["accuracy"] or 0.0,
            "writes": float(np.mean(writes[one["learning.rate"], one["device.write_threshold"]])),
        }
        for one in done.points
    ]  # fmt: skip


def config_of_data(config: nm.Config) -> nm.Config:
    """A run of the same task that is sure to be possible."""
    return replace(base(is_ideal=True), task=config.task, data_dir=config.data_dir)


def recipe(sheet: str, out: Path, is_quick: bool) -> dict:
    """The recipe of one sheet and what was measured, found now or before."""
    path = out / f"{sheet}.json"
    if path.exists():
        return json.loads(path.read_text())
    config = common(sheet, is_quick)
    grid = searched(config, out / "grids" / sheet, RATES[3:5] if is_quick else RATES)
    best = max(grid, key=lambda one: one["accuracy"])
    chosen = replace(at(config, best["rate"], best["threshold"]), chips=2 if is_quick else 8)
    (out / f"{sheet}.toml").write_text(to_toml(checked(chosen)))
    found = nm.train(replace(chosen, out=str(out / "runs" / sheet))).summary
    names = ("accuracy", "accuracy_std", "writes_per_synapse", "explanations")
    told = {name: found[name] for name in names} | {"grid": grid}
    path.write_text(json.dumps(told))
    return told


def main() -> None:
    """Finds the recipes of all sheets, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheets", nargs="*", help="default: all")
    parser.add_argument("--out", type=Path, default=Path("recipes"))
    parser.add_argument("--quick", action="store_true", help="one sheet, briefly, on digits")
    options = parser.parse_args()
    nm.keep_programs()
    nm.use_cores()
    options.out.mkdir(parents=True, exist_ok=True)
    quick = ["fefet_jerry2017"] if options.quick else library.names("devices")
    for sheet in options.sheets or quick:
        found = recipe(sheet, options.out, options.quick)
        print(
            f"{sheet}: {100 * found['accuracy']:.1f} ± {100 * found['accuracy_std']:.1f} %,"
            f" {found['writes_per_synapse']:.3g} writes of a cell",
            flush=True,
        )


if __name__ == "__main__":
    main()
