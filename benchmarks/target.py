"""How long until 88 % of MNIST's test samples are right: from the command to the result.

Nothing is compiled before, no cache is kept. A rule is a case: ``target.weights``.

References:
    The authors' notebook: 784-128-64-10, batches of 128, a step of L/N times the estimate, which
    falls as 1/(1 + 0.1 epochs), and 88 % after 46,332 of them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks import notebook
from benchmarks.chips import MNIST, ideal, parts
from benchmarks.group import Finding, Outcome, Wanted
from neuromgd.plan.plan import NO_PARTS, plan

TARGET = 0.88
# The notebook's: length of a step, what it falls by in an epoch, and how many epochs there are.
LENGTH, FALL, EPOCHS, BATCH = 100, 0.1, 99, 128
_NOTEBOOK = "from benchmarks.target import by_notebook; by_notebook()"
_TRAIN = "from neuromgd.cli.main import main; main()"
# What reaches it, how often that is looked at, and how many times faster it is to be; rates and
# lengths were chosen on training samples held out.
RULES = {
    "weights": (("--task", "mnist", "--batch", "128", "--windows", "46332"), 1_000, 5.0),
    "neurons": (
        ("--config", "kicked_neurons", "--learning.rate", "0.1", "--windows", "600"), 25, 20.0,
    ),
}  # fmt: skip


def run(wanted: Wanted) -> Outcome:
    """Measures processes from their start, in turn."""
    if parts(ideal(**MNIST)) is not NO_PARTS:
        raise SystemExit("target: MNIST is found through NEUROMGD_DATA, which names no such folder")
    rules = {name: rule for name, rule in RULES.items() if wanted.has(name)}
    names = ["notebook", *rules]
    rounds = max(1, wanted.rounds // 4)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        seconds["notebook"].append(_seconds(_NOTEBOOK))
        for name, (options, every, _) in rules.items():
            seconds[name].append(_trained(name, options, every))
    median = {name: float(np.median(some)) for name, some in seconds.items()}
    findings = [Finding(f"{name}: time to 88 %", median[name], "s") for name in names]
    findings += [
        Finding(f"notebook / {name}", median["notebook"] / median[name], at_least=least)
        for name, (_, _, least) in rules.items()
    ]
    return Outcome("process", {}, findings, {})


def by_notebook() -> None:
    """Runs the loop until an epoch ends at the target; ends with status 1 if none does."""
    todo = plan(ideal(**MNIST))
    one, data = notebook.batch(todo, False), todo.data
    scaled = lambda x: jnp.asarray(x.astype(np.float32) * np.float32(data.scale))
    inputs, test_x, test_y = np.asarray(scaled(data.train_x)), scaled(data.test_x), data.test_y
    right = jax.jit(lambda theta: todo.design.network.apply(theta, test_x).argmax(-1))
    theta, number = todo.design.network.initialise(jax.random.key(0)), 0
    order = np.random.default_rng(0)
    weights = sum(leaf.size for leaf in jax.tree.leaves(theta))
    for epoch in range(EPOCHS):
        rate = LENGTH / weights / (1 + FALL * epoch)
        shuffled = order.permutation(len(inputs))
        for first in range(0, len(inputs) - BATCH + 1, BATCH):
            some = shuffled[first : first + BATCH]
            x, y = jnp.array(inputs[some]), jnp.array(data.train_y[some])
            theta, number = one(theta, x, y, number, rate), number + 1
        if float(np.mean(np.asarray(right(theta)) == test_y)) >= TARGET:
            return
    raise SystemExit(1)


def _trained(name: str, options: tuple[str, ...], every: int) -> float:
    with tempfile.TemporaryDirectory() as out:
        took = _seconds(
            _TRAIN, "train", *options, "--ideal", "--chips", "1", "--log-every", f"{every}",
            "--stop-at", f"{TARGET}", "--out", f"{out}/run",
        )  # fmt: skip
        summary = json.loads((Path(out) / "run" / "summary.json").read_text(encoding="utf-8"))
    if summary["accuracy"] < TARGET:
        raise SystemExit(f"{name}: ended at {summary['accuracy']:.3f}")
    return took


def _seconds(script: str, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"NEUROMGD_CACHE": "off"}, capture_output=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - start
