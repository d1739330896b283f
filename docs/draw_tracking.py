"""Draws the picture of tracking.md: a class boundary that turns, and chips that follow it or not.

Run from the root of the repository: python docs/draw_tracking.py
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import neuromgd as nm
from neuromgd.options.config import LearningConfig
from neuromgd.options.tracking import TrackingConfig
from neuromgd.plots.save import save

FIGURE = Path(__file__).parent / "figures" / "tracking.png"
PERIOD, ANGLE, WINDOWS = 1000, 30.0, 6000
# What is told of a run, and how its rate falls.
RATES = {"a constant rate": "constant", "a rate that falls to 1/1000": "exponential"}


def config(schedule: str, out: str) -> nm.Config:
    """Returns a run of chips that kick neurons while a yin-yang turns by 30 degrees at a time."""
    return nm.Config(
        task="yinyang", ideal=True, chips=4, batch=64, windows=WINDOWS, log_every=50, out=out,
        learning=LearningConfig(
            mode="node", rule="adam", rate=1e-2, schedule=schedule,
            final=1e-3 if schedule == "exponential" else None,
        ),
        tracking=TrackingConfig(period=PERIOD, shape="step", angle=ANGLE),
    )  # fmt: skip


def main() -> None:
    """Trains and draws."""
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for name, schedule in RATES.items():
        with tempfile.TemporaryDirectory() as folder:
            run = nm.train(config(schedule, str(Path(folder) / "run")))
        over_time, worst = (run.summary[f"accuracy_{one}"] for one in ("over_time", "worst"))
        print(f"{name}: {100 * over_time:.1f} % on average, {100 * worst:.1f} % at worst")
        windows = [row.window for row in run.history]
        axes.plot(windows, [100 * row.score for row in run.history], label=name)
    for turn in range(PERIOD, WINDOWS, PERIOD):
        axes.axvline(turn, color="0.8", linewidth=0.8, zorder=0)
    axes.set(xlabel="window", ylabel="accuracy as the world is then [%]", ylim=(20, 100))
    axes.legend(loc="lower left")
    save(figure, FIGURE)


if __name__ == "__main__":
    main()
