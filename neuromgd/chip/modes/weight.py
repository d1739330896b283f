"""Weight perturbation: every synapse kicks its own weight, and holds ΔC against its own kick.

References:
    McCaughan et al., APL Mach. Learn. 1, 026118 (2023): multiplexed gradient descent.
"""

from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip
from neuromgd.chip.hear import hear
from neuromgd.chip.kick import Kick, kicked, recalled
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import Mode
from neuromgd.chip.modes.weight_window import window
from neuromgd.chip.passes import Costs, compare
from neuromgd.chip.update import update
from neuromgd.data.sample import Sample
from neuromgd.errors import InputError
from neuromgd.synapse.state import at_rest
from neuromgd.typing import Arrays


def passes(
    machine: Machine,
    chip: Chip,
    theta: Arrays,
    kick: Kick,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> tuple[Costs, Chip]:
    """Returns the costs of the passes; a synapse that knows its own kick notes nothing of them."""
    return compare(machine, chip, theta, kick, sample, cost_0, n), chip


def learn(machine: Machine, chip: Chip, delta_cost: Float[Array, ""], n: Int[Array, ""]) -> Chip:
    """Lets every synapse add what it heard, times the perturbation that it remembers."""
    stored = chip.synapse.replace(perturbation=recalled(machine, chip, n))
    sent_at = n - machine.design.delay
    return chip.replace(synapse=hear(machine, chip, stored, delta_cost[None], sent_at[None]))


def steps_because(machine: Machine) -> str | None:
    """Returns what makes a window depend on its own past."""
    if machine.design.delay > 0:
        return "a delayed ΔC arrives in a later perturbation"
    is_written = machine.design.perturbation_element == "cell"
    if is_written and machine.tau.perturbation < machine.tau.update:
        return "every perturbation is written to the cells and leaves its trace"
    return None


def kickers(machine: Machine, theta: Arrays) -> Arrays:
    """Returns the shapes of the circuits that kick: every synapse has one."""
    if machine.design.gate != "none":
        raise InputError(
            f"option synapse.gate = '{machine.design.gate}': of kicked weights it takes the mode"
            " neuromgd.chip.modes.node.by_array(())"
        )
    return theta


WEIGHT = Mode(
    at_rest=at_rest,
    kick=kicked,
    compare=passes,
    learn=learn,
    update=update,
    window=window,
    carries=False,
    steps_because=steps_because,
    kickers=kickers,
)
