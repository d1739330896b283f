"""Draws the pictures of timing.md: one Gantt chart a schedule, and where the time goes.

Run from the root of the repository: python docs/draw_timing.py
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from neuromgd.cli import pictures
from neuromgd.options.config import Config
from neuromgd.plots.breakdown import breakdown
from neuromgd.plots.gantt import gantt
from neuromgd.plots.save import save
from neuromgd.study.train import train
from neuromgd.timing import Schedule, Workload, load, time_run
from neuromgd.timing.products import Products
from neuromgd.timing.told import told
from neuromgd.timing.traces.intervals import simulate, table

HERE = Path(__file__).parent
FIGURES = HERE / "figures"
LAYERS = (8, 8, 4)

# Schedule, timesteps shown, hold times, and what the picture shows.
CHARTS = [
    ("paper_clock", 4, {}, "the papers' clock: only perturbations take time"),
    ("two_pass", 3, {"tau_update": 3}, "two_pass: every timestep measures C0 and C"),
    (
        "reuse", 4, {"tau_update": 4, "tau_sample": 4},
        "reuse: C0 once for a sample that is held",
    ),
    ("central", 3, {"tau_update": 3}, "central: the cost at both signs of the perturbation"),
    ("prefetch", 4, {"tau_update": 4}, "prefetch: the next sample loads beside the passes"),
    ("pipelined", 8, {"tau_update": 4}, "pipelined, 2 registers: two perturbations under way"),
    ("analog", 4, {"tau_update": 4}, "analog: the network settles while the perturbation moves"),
    ("lockstep", 2, {"tau_update": 2, "chips": 2}, "lockstep: two chips add their cost changes"),
    ("inference", 5, {}, "inference, 2 samples under way: nothing but answers"),
]  # fmt: skip

# Network, copies of each matrix, and what the picture of one inference after another shows.
MAPPINGS = [
    ("stationary", "3x3x1,conv:8x3,4", 1, "a convolution of 9 positions on one copy of its kernel"),
    ("copies", "3x3x1,conv:8x3,4", 3, "the same on three copies, that share the positions"),
    ("recurrent", "4x8,rnn:8,4", 1, "four time steps of a recurrent layer, then a dense one"),
]  # fmt: skip

PLATFORMS = [
    "bench_usb_tuned", "bench_pcie", "fpga_320mhz", "rram_32nm", "pcm_14nm", "photonic_thermal",
    "photonic_electro", "sfq_50ghz", "capacitor_cmos", "memristor_130nm",
]  # fmt: skip


def chart(name: str, steps: int, held: dict, title: str, path: Path) -> None:
    """Draws the first timesteps of one schedule on the example platform."""
    workload = Workload(layers=LAYERS, steps=steps, **held)
    report = time_run(load(str(HERE / "example_platform.toml")), workload, Schedule(name))
    intervals = table(simulate(report.clockwork.program, steps))
    save(gantt(intervals, float(report.tick), title), path)


def mapping(line: str, replicas: int, title: str, path: Path) -> None:
    """Draws three samples on their way through a network that uses arrays again."""
    network = told(line)
    assert isinstance(network, Products), "the line has other layers than dense ones"
    workload = Workload(network=network, replicas=replicas, steps=3)
    sheet = load(str(HERE / "example_platform.toml"))
    report = time_run(sheet, workload, Schedule("inference"))
    intervals = table(simulate(report.clockwork.program, 3))
    save(gantt(intervals, float(report.tick), title), path)


def reloaded(path: Path) -> None:
    """Draws two samples on a chip with arrays for two of three layers."""
    sheet = load(str(HERE / "example_platform.toml"))
    array = msgspec.structs.replace(sheet.array, count=2)
    sheet = msgspec.structs.replace(sheet, array=array)
    workload = Workload(layers=(8, 8, 8, 4), steps=1, tau_update=1, fit="reload")
    report = time_run(sheet, workload)
    title = "arrays for two of three layers: in each pass they are written anew, twice"
    intervals = table(simulate(report.clockwork.program, 1))
    save(gantt(intervals, float(report.tick), title), path)


def main() -> None:
    """Draws all pictures."""
    FIGURES.mkdir(exist_ok=True)
    for name, steps, held, title in CHARTS:
        chart(name, steps, held, title, FIGURES / f"timing_{name}.png")
    for name, line, replicas, title in MAPPINGS:
        mapping(line, replicas, title, FIGURES / f"timing_mapping_{name}.png")
    reloaded(FIGURES / "timing_mapping_reload.png")
    orders = {"tau_update": 4, "tau_perturbation": 4}
    for order in ("alternate", "block"):
        title = f"two_pass, perturbation held for 4 timesteps, passes {order}"
        path = FIGURES / f"timing_order_{order}.png"
        chart("two_pass", 4, {**orders, "pass_order": order}, title, path)
    workload = Workload(layers=(784, 128, 64, 10), steps=10**6, tau_update=100)
    reports = {name: time_run(load(name), workload) for name in PLATFORMS}
    save(breakdown(reports), FIGURES / "timing_platforms.png")
    save(pictures.energy([reports["rram_32nm"]]), FIGURES / "timing_energy.png")
    save(pictures.energy(list(reports.values())), FIGURES / "timing_energies.png")
    save(pictures.roofline(reports["rram_32nm"]), FIGURES / "timing_roofline.png")
    long = time_run(load("pcm_14nm"), Workload(layers=(784, 128, 64, 10), steps=4, tau_update=2))
    broken = gantt(
        table(simulate(long.clockwork.program, 4)),
        float(long.tick),
        "pcm_14nm, a write every second timestep: the axis is broken where only that goes on",
    )
    save(broken, FIGURES / "timing_broken.png")
    trained()


def trained() -> None:
    """Draws what learning takes, of a short run on digits, on some platforms."""
    with TemporaryDirectory() as folder:
        config = Config(task="digits", chips=2, windows=3000, log_every=100, out=folder)
        run = train(config)
        facts: dict[str, Any] = {
            key: value for key, value in run.summary["workload"].items() if key != "schedule"
        }
        facts["layers"] = tuple(facts["layers"])
        workload = Workload(**facts)
        reports = [time_run(load(name), workload) for name in PLATFORMS[2:9]]
        save(pictures.accuracy(reports, run.folder), FIGURES / "timing_accuracy.png")


if __name__ == "__main__":
    main()
