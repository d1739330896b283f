"""Run times in closed form, for the schedules that have one; the oracle of both engines.

Symbols: N timesteps; X, P, K the hold times of sample, perturbation and weights [timestep]; F a
forward pass; p a perturbation set; s one switching of it; B the feedback; W a write [tick].
"""

from collections.abc import Callable
from math import lcm

from neuromgd.timing.hardware import Hardware
from neuromgd.timing.part import Part
from neuromgd.timing.program import Schedule
from neuromgd.timing.schedules.paper_clock import period
from neuromgd.timing.workload import Workload


def ticks(part: Part | None) -> int:
    """Returns the time of a part; an absent one takes none."""
    return 0 if part is None else part.ticks


def feedback(hardware: Hardware) -> int:
    """Returns B, from the costs to the sum in every synapse [tick]."""
    return sum(part.ticks for part in hardware.feedback) + ticks(hardware.accumulate)


def ceil(number: int, by: int) -> int:
    """Returns the number of started groups."""
    return -(-number // by)


def broadcasts(workload: Workload, steps: int) -> int:
    """Returns how often the cost change is broadcast."""
    return steps if workload.broadcast == "timestep" else steps // workload.tau_perturbation


def baselines(workload: Workload, steps: int) -> int:
    """Returns #{n < N : X | n or K | n}; one of X and K divides the other."""
    return ceil(steps, min(workload.tau_sample, workload.tau_update))


def loads_in_blocks(workload: Workload, steps: int, passes_twice: bool = True) -> int:
    """Returns how often a sample is loaded when the passes run as two blocks.

    A hold that spans several samples loads each of them once a block.
    """
    sample, hold = workload.tau_sample, workload.tau_perturbation
    if sample >= hold:
        return ceil(steps, sample)
    full, rest = divmod(steps, hold)
    last = ceil(rest, sample)
    blocks = 2 if passes_twice else 1
    return full * blocks * (hold // sample) + (last if last <= 1 else blocks * last)


def alternate(hardware: Hardware, workload: Workload, steps: int, on_demand: bool) -> int:
    """Two passes in turn, C0 at every timestep or on demand.

    T = ceil(N/X) load + (N_b + N) F + ceil(N/P) p + (on + off) s + N_B B + floor(N/K) W, where the
    perturbation goes on at every new one and after every C0, and off before each of these.
    """
    held = workload.tau_perturbation
    if on_demand:
        base, often = baselines(workload, steps), min(workload.tau_sample, workload.tau_update)
        both = lcm(held, often)
        on = ceil(steps, held) + ceil(steps, often) - ceil(steps, both)
        off = steps // held + steps // often - steps // both
    else:
        base, on, off = steps, steps, steps
    return (
        ceil(steps, workload.tau_sample) * ticks(hardware.load)
        + (base + steps) * hardware.pass_ticks
        + ceil(steps, held) * ticks(hardware.perturb)
        + (on + off) * ticks(hardware.switch)
        + common(hardware, workload, steps)
    )


def common(hardware: Hardware, workload: Workload, steps: int) -> int:
    """Returns N_B B + floor(N/K) W."""
    writes = steps // workload.tau_update
    fed_back = broadcasts(workload, steps) * feedback(hardware)
    return fed_back + writes * ticks(hardware.write)


def blocks(hardware: Hardware, workload: Workload, steps: int, on_demand: bool) -> int:
    """All C0 of a held perturbation, then all C.

    T = loads + (N_b + N) F + ceil(N/P) (p + 2 s) + N_B B + floor(N/K) W; a hold that the end of
    the run cuts short is switched off only if a C0 follows.
    """
    held, started = workload.tau_perturbation, ceil(steps, workload.tau_perturbation)
    often = min(workload.tau_sample, workload.tau_update)
    base = baselines(workload, steps) if on_demand else steps
    cut_short = steps % held and on_demand and steps % often
    return (
        loads_in_blocks(workload, steps) * ticks(hardware.load)
        + (base + steps) * hardware.pass_ticks
        + started * ticks(hardware.perturb)
        + (2 * started - bool(cut_short)) * ticks(hardware.switch)
        + common(hardware, workload, steps)
    )


def central(hardware: Hardware, workload: Workload, steps: int) -> int:
    """Passes at both sides: T = loads + 2 N F + 2 M (p + 2 s) + N_B B + floor(N/K) W.

    M is N when the sides alternate, the number of started perturbations when they run as blocks.
    """
    is_block = workload.pass_order == "block"
    settings = ceil(steps, workload.tau_perturbation) if is_block else steps
    loads = loads_in_blocks(workload, steps) if is_block else ceil(steps, workload.tau_sample)
    return (
        loads * ticks(hardware.load)
        + 2 * steps * hardware.pass_ticks
        + 2 * settings * (ticks(hardware.perturb) + 2 * ticks(hardware.switch))
        + common(hardware, workload, steps)
    )


def prefetch(hardware: Hardware, workload: Workload, steps: int) -> int | None:
    """T = load + w + (M-1) max(load, w), w the work on one of M samples.

    For N a multiple of X, and X one of K and so of P, so that all samples cost alike.
    """
    held = workload.tau_sample
    if steps % held or held % workload.tau_update:
        return None
    load = ticks(hardware.load)
    work = alternate(hardware, workload, held, on_demand=False) - load
    return load + work + (steps // held - 1) * max(load, work)


def pipelined(hardware: Hardware, workload: Workload, steps: int, schedule: Schedule) -> int | None:
    """Windows of K timesteps with D perturbations under way, drained by each write.

    A timestep takes p + F + m + B from start to end, with m the slowest stage, and follows
    another after max(2 m, p, each feedback part); for P = 1 and no sample load.
    """
    if workload.tau_perturbation > 1 or hardware.load is not None or schedule.writes != "drained":
        return None
    registers = schedule.registers
    slowest = max(part.ticks for part in hardware.forward)
    latency = ticks(hardware.perturb) + hardware.pass_ticks + slowest + feedback(hardware)
    apart = max(
        2 * slowest, ticks(hardware.perturb), ticks(hardware.accumulate),
        *(part.ticks for part in hardware.feedback),
    )  # fmt: skip

    def window(length: int) -> int:
        if not length:
            return 0
        if registers * apart <= latency:
            rounds, rest = divmod(length - 1, registers)
            return latency * (rounds + 1) + apart * rest
        return latency + (length - 1) * apart

    if hardware.write is None:
        return window(steps)
    windows, rest = divmod(steps, workload.tau_update)
    return windows * (window(workload.tau_update) + ticks(hardware.write)) + window(rest)


def analog(hardware: Hardware, workload: Workload, steps: int) -> int:
    """T = M max(load + F, τ_p) + (N - M) max(F, τ_p), with M = ceil(N/X) samples."""
    samples, held = ceil(steps, workload.tau_sample), period(hardware)
    first = max(ticks(hardware.load) + hardware.pass_ticks, held)
    return samples * first + (steps - samples) * max(hardware.pass_ticks, held)


def lockstep(chips: tuple[Hardware, ...], workload: Workload, steps: int) -> int | None:
    """T = N (2 max F + P) + N_B (sum of the chips + B) + ..., chips apart only in F.

    Also for a star whose chips come all at once; else the hub serves one while others compute.
    """
    one, count = chips[0], len(chips)
    passes = {chip.pass_ticks for chip in chips}
    if one.reduces_singly and len(passes) > 1:
        return None
    slowest = max(chips, key=lambda chip: chip.pass_ticks)
    reduced = ticks(one.reduce) * (count if one.reduces_singly else 1)
    alone = alternate(slowest, workload, steps, on_demand=False)
    return alone + broadcasts(workload, steps) * reduced


def two_passes(hardware: Hardware, workload: Workload, steps: int, on_demand: bool) -> int:
    """C0 and C in turn, or as two blocks."""
    order = blocks if workload.pass_order == "block" else alternate
    return order(hardware, workload, steps, on_demand)


# Run time [tick] by schedule, or None where the form does not hold; a schedule may have none.
CLOSED: dict[str, Callable[[Hardware, Workload, Schedule, int], int | None]] = {
    "paper_clock": lambda hardware, workload, _, steps: steps * period(hardware),
    "two_pass": lambda hardware, workload, _, steps: two_passes(hardware, workload, steps, False),
    "reuse": lambda hardware, workload, _, steps: two_passes(hardware, workload, steps, True),
    "central": lambda hardware, workload, _, steps: central(hardware, workload, steps),
    "prefetch": lambda hardware, workload, _, steps: prefetch(hardware, workload, steps),
    "pipelined": lambda hardware, workload, schedule, steps: pipelined(
        hardware, workload, steps, schedule
    ),
    "analog": lambda hardware, workload, _, steps: analog(hardware, workload, steps),
    "lockstep": lambda hardware, workload, _, steps: lockstep(
        (hardware,) * workload.chips, workload, steps
    ),
}
