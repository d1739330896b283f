"""Which published memory cell can a chip learn MNIST with, on its own?

Trains eight chips on the cells of every device sheet, each run as

    neuromgd train --task mnist --device NAME --synapse.code product --tau-perturbation 1
                   --tau-update 128 --windows 1000 --device.seconds-per-timestep 1e-6

(128 samples with a kick each before every write), and writes one table and one figure. Every run
says which residue its synapses lack; a second run has it. Runs that are there already are read, not
repeated.
"""

import argparse
import json
from pathlib import Path

import matplotlib.pyplot as plt
from msgspec.structs import replace

import neuromgd as nm
from neuromgd.options.read import base
from neuromgd.sheets import device, library

WINDOWS = 1000
SECONDS_PER_TIMESTEP = 1e-6


def config(sheet: str, out: Path, is_quick: bool, remedy: dict | None = None) -> nm.Config:
    """The run of one sheet: all defaults, but for the cells, and for a residue if one is given."""
    start = base(is_ideal=False, has_sheet=True)
    # Cells that time does nothing to take no time.
    is_aging = {"drift_exponent", "leak_time"} & device.load(sheet).cell().numbers.keys()
    seconds = SECONDS_PER_TIMESTEP if is_aging else None
    cell = replace(start.device, sheet=sheet, seconds_per_timestep=seconds)
    circuit = replace(start.synapse, code="product")
    if remedy is not None:
        circuit = replace(
            circuit, residue=True, residue_bits=remedy["bits"], residue_range=remedy["range"]
        )
        option = "write_threshold" if remedy["pulses"] is None else "write_threshold_pulses"
        value = remedy["threshold"] if remedy["pulses"] is None else remedy["pulses"]
        cell = replace(cell, **{option: value})
    task, chips, windows = ("digits", 2, 200) if is_quick else ("mnist", 8, WINDOWS)
    run = {"task": task, "chips": chips, "windows": windows, "log_every": windows // 2}
    run |= {
        "tau_perturbation": 1,
        "tau_update": 128,
        "synapse": circuit,
    }
    name = sheet if remedy is None else f"{sheet}_residue"
    return replace(start, device=cell, out=str(out / name), **run)


def summary(run: nm.Config) -> dict:
    """The summary of one run, done now or before."""
    path = Path(str(run.out)) / "summary.json"
    if path.exists():
        return json.loads(path.read_text())
    try:
        return nm.train(run).summary
    except nm.DivergedError as error:
        return {"device": run.device.sheet, "diverged": str(error)}


COLUMNS = (
    "sheet", "accuracy", "at a bound", "writes", "rated", "walk", "pull", "alarms",
    "with a residue", "bits", "threshold", "writes",
)  # fmt: skip


def row(sheet: str, found: dict) -> str:
    """One line of the table."""
    if "diverged" in found:
        return f"| `{sheet}` | diverged |" + " |" * (len(COLUMNS) - 2)
    remedy, kept = found.get("remedy"), found.get("with_residue")
    checks, rated = found["diagnostics"], device.load(sheet).cell().numbers.get("endurance_cycles")

    def told(name: str, form: str) -> str:
        return format(checks[name], form) if name in checks else "–"

    cells = (
        f"`{sheet}`",
        f"{100 * found['accuracy']:.1f} ± {100 * (found['accuracy_std'] or 0):.1f} %",
        told("cells_at_a_bound_share", ".0%"),
        f"{found['writes_per_synapse']:,.0f}",
        "–" if rated is None else f"{rated:.0e}",
        told("random_walk_over_window", ".2f"),
        told("pull_over_gradient", ".2g"),
        str(len(found["explanations"])),
        *(4 * ["–"] if kept is None else residue_cells(remedy, kept)),
    )
    return "| " + " | ".join(cells) + " |"


def residue_cells(remedy: dict, kept: dict) -> list[str]:
    """What is told of the run with a residue."""
    if "diverged" in kept:
        return ["diverged", "", "", ""]
    pulses = remedy["pulses"]
    return [
        f"{100 * kept['accuracy']:.1f} ± {100 * (kept['accuracy_std'] or 0):.1f} %",
        str(remedy["bits"]),
        f"{remedy['threshold']:.2g} w.u." if pulses is None else f"{pulses:.2g} pulses",
        f"{kept['writes_per_synapse']:,.1f}",
    ]


def draw(found: dict[str, dict], path: Path) -> None:
    """Draws the accuracies, the best first."""
    order = [name for name in found if "diverged" not in found[name]]
    figure, axes = plt.subplots(figsize=(7, 0.22 * len(order) + 1.2), layout="constrained")
    spread = [100 * (found[name]["accuracy_std"] or 0) for name in order]
    accuracy = [100 * found[name]["accuracy"] for name in order]
    axes.barh(order, accuracy, xerr=spread, color="0.75", ecolor="0.3", capsize=2, label="at once")
    kept = {name: found[name]["with_residue"] for name in order if "with_residue" in found[name]}
    sound = [name for name in kept if "diverged" not in kept[name]]
    axes.errorbar(
        [100 * kept[name]["accuracy"] for name in sound], sound, fmt="o", color="tab:blue",
        xerr=[100 * (kept[name]["accuracy_std"] or 0) for name in sound], capsize=2,
        label="with a residue",
    )  # fmt: skip
    axes.legend(loc="lower right")
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("test accuracy / %")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Runs all sheets and writes table and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/devices"))
    parser.add_argument("--quick", action="store_true", help="two sheets, briefly, on digits")
    options = parser.parse_args()
    nm.keep_programs()
    nm.use_cores(8)
    names = ["ideal_fp", "reram_array_hfo2_2022"] if options.quick else library.names("devices")
    found = {}
    for name in names:
        found[name] = summary(config(name, options.out, options.quick))
        remedy = found[name].get("remedy")
        if remedy is not None:
            run = config(name, options.out, options.quick, remedy)
            found[name]["with_residue"] = summary(run)
        print(row(name, found[name]), flush=True)
    found = dict(sorted(found.items(), key=lambda item: -item[1].get("accuracy", 0)))
    head = "| " + " | ".join(COLUMNS) + " |"
    lines = [head, "|---" * len(COLUMNS) + "|", *(row(name, one) for name, one in found.items())]
    table = "\n".join(lines) + "\n"
    (options.out / "table.md").write_text(table)
    draw(found, options.out / "training.png")
    # Four levels a cell are no match for continuous writes, however short the run.
    if options.quick:
        assert found["ideal_fp"]["accuracy"] > found["reram_array_hfo2_2022"]["accuracy"]


if __name__ == "__main__":
    main()
