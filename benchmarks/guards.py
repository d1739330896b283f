"""What the guards of a window cost: programs with and without them, in turn."""

from functools import partial

import jax
import numpy as np

from benchmarks.chips import NOISY, changed, ideal, parts
from benchmarks.group import Case, Comparison, Outcome, Wanted, take_turns
from benchmarks.measure import Work, compiled
from neuromgd.chip.record import Record
from neuromgd.fleet import simulated
from neuromgd.fleet.chips import make_chips, placed
from neuromgd.fleet.shown import scale, training_set
from neuromgd.options.config import Config
from neuromgd.plan.plan import plan

# Of the time of a window.
BOUND = 1.03


def run(wanted: Wanted) -> Outcome:
    """Measures small, middle and large networks, of ideal and of noisy chips."""
    pulsed = partial(changed, NOISY)
    every = {
        "parity": (ideal(task="parity", chips=64), 4000),
        "nist": (ideal(task="nist7x7", chips=64), 400),
        "nist-noisy": (pulsed(task="nist7x7", chips=64), 100),
        "mnist": (ideal(task="mnist", chips=1), 30),
        "mnist-1": (ideal(task="mnist", chips=1, tau_sample=1,
                          tau_perturbation=1, tau_update=1), 200),
    }  # fmt: skip
    cases, told = {}, []
    for name, (config, windows) in every.items():
        for is_guarded in (False, True):
            own = name + "-guarded" * is_guarded
            what = f"{config.chips} chips, {'guarded' if is_guarded else 'bare'}"
            cases[own] = Case(what, partial(_windows, config, is_guarded), windows)
        told.append(Comparison(f"{name}-guarded", name, at_most=BOUND))
    outcome = take_turns(wanted, "window of a chip", cases, tuple(told))
    kept = [one for one in outcome.findings if one.at_most is not None]
    return outcome._replace(findings=kept)


def _windows(config: Config, is_guarded: bool, windows: int) -> Work:
    """Returns the work of advancing all chips by some windows, with or without guards."""
    todo, where = placed(config, plan(config, parts(config)))
    chips = make_chips(config, todo, where)
    samples, factor, first = training_set(todo, where), scale(todo, where), np.int32(0)
    own = simulated.looked
    try:
        if not is_guarded:
            simulated.looked = _bare
        # A function of its own, so that nothing is found that was compiled for the other.
        bare = simulated.advance.__wrapped__
        function = jax.jit(
            lambda *given: bare(*given), static_argnums=(0, 1, 2, 3, 10, 11), donate_argnums=5
        )
        program, *spent = compiled(
            function, todo.design, todo.tau, config.engine, windows, todo.params, chips, first,
            first, samples, factor, todo.varies, where,
        )  # fmt: skip
    finally:
        simulated.looked = own

    def run():
        nonlocal chips, first
        last = np.int32(first + windows)
        chips, record = program(todo.params, chips, first, last, samples, factor)
        first = last
        return record

    return Work(run, windows * config.chips, *spent)


def _bare(records: Record, *_) -> Record:
    return records
