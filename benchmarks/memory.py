"""Peak memory of a chip of 10⁷ synapses that learns, beyond the data, in bytes of θ."""

import gc
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.group import Finding, Outcome, Wanted

HIDDEN = (3000, 2600)
WINDOWS = 4
BOUND = 6.0
KINDS = ("floor", "ideal", "noisy")


def run(wanted: Wanted) -> Outcome:
    """Measures every kind of chip in a process of its own."""
    findings = []
    for kind in KINDS:
        if wanted.has(kind):
            command = [sys.executable, "-m", "benchmarks.memory", kind]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            findings += _told(kind, json.loads(told.splitlines()[-1]))
    return Outcome("window", {}, findings, {})


def _told(kind: str, told: dict[str, float]) -> list[Finding]:
    theta = told["theta"]
    if kind == "floor":
        return [Finding("floor: what two bare forward passes take", told["peak"] / theta, "θ")]
    return [
        Finding(f"{kind}: synapses", theta / 4),
        Finding(f"{kind}: time of a window", told["seconds"], "s"),
        Finding(f"{kind}: peak, fabrication and training", told["peak"] / theta, "θ", BOUND),
        Finding(f"{kind}: state of the chip", told["state"] / theta, "θ"),
        Finding(f"{kind}: temporaries of the compiled window", told["temporary"] / theta, "θ"),
        Finding(f"{kind}: results that do not replace the state", told["new"] / theta, "θ"),
        Finding(
            f"{kind}: bytes that a window moves, as XLA counts them", told["moved"] / theta, "θ"
        ),
        Finding(f"{kind}: time of a window / copying θ", told["seconds"] / told["copy"]),
    ]


def child(kind: str) -> dict[str, float]:
    """Trains a chip of 10⁷ synapses in this process and tells its memory [B].

    The kind ``floor`` runs two bare forward passes of that size instead.
    """
    import jax

    from benchmarks.chips import MNIST, NOISY, changed, chip_windows, ideal, parts
    from benchmarks.plain import two_passes
    from benchmarks.size import synapses
    from neuromgd.fleet.shown import scale, training_set
    from neuromgd.plan.plan import plan

    small = changed(NOISY if kind == "noisy" else ideal(), **MNIST)
    # What JAX and its compiler need for any chip at all is not the large chip's.
    jax.block_until_ready(chip_windows(small, WINDOWS).run())
    config = changed(small, network={"hidden": HIDDEN})
    todo = plan(config, parts(config))
    data = jax.block_until_ready((training_set(todo), scale(todo)))
    bare = two_passes(todo, WINDOWS) if kind == "floor" else None
    gc.collect()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    if bare is not None:
        jax.block_until_ready(bare.run())
        return {"theta": 4 * synapses(HIDDEN), "peak": _memory("VmHWM") - before}
    told = _trained(config, todo, *data)
    return told | {"peak": told["peak"] - before}


def _trained(config, todo, samples, factor) -> dict[str, float]:
    import jax
    import jax.numpy as jnp

    from neuromgd.chip.chip import weights
    from neuromgd.fleet.chips import make_chips
    from neuromgd.fleet.simulated import advance

    chips = make_chips(config, todo)
    theta, state = (
        sum(leaf.nbytes for leaf in jax.tree.leaves(part)) for part in (weights(chips), chips)
    )
    first = jnp.asarray(0, jnp.int32)
    program = advance.lower(
        todo.design, todo.tau, config.engine, WINDOWS,
        todo.params, chips, first, first + WINDOWS, samples, factor,
    ).compile()  # fmt: skip
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        chips, record = program(todo.params, chips, first, first + WINDOWS, samples, factor)
        jax.block_until_ready(record)
        seconds.append((time.perf_counter() - start) / WINDOWS)
    peak, analysis, cost = _memory("VmHWM"), program.memory_analysis(), program.cost_analysis()
    assert analysis is not None, "no backend of ours is silent about its memory"
    assert cost is not None, "nor about its work"
    return {
        "theta": theta,
        "peak": peak,
        "state": state,
        "temporary": analysis.temp_size_in_bytes,
        "new": analysis.output_size_in_bytes - analysis.alias_size_in_bytes,
        "moved": cost["bytes accessed"],  # one turn of the loop
        "seconds": sorted(seconds)[1],
        "copy": _copy_seconds(weights(chips)),
    }


def _copy_seconds(theta) -> float:
    """Returns the median time of reading all weights once and writing them once."""
    import jax

    copy, seconds = jax.jit(lambda arrays: jax.tree.map(lambda array: -array, arrays)), []
    jax.block_until_ready(copy(theta))
    for _ in range(9):
        start = time.perf_counter()
        jax.block_until_ready(copy(theta))
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[4]


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


if __name__ == "__main__":
    print(json.dumps(child(sys.argv[1])))
