"""What a synapse stores beside its memory cell, for the circuit that a designer has to build."""

import math
from typing import Any

import jax
import numpy as np

from neuromgd.chip.frozen import learning
from neuromgd.chip.technologies import is_bias
from neuromgd.device.params import given
from neuromgd.plan.clock import taught_by_errors
from neuromgd.plan.plan import Plan
from neuromgd.typing import Leaf


def local_memory(plan: Plan) -> list[dict[str, Any]]:
    """Returns what is stored, how many values of it per synapse, and of how many bits each.

    Bits are None where a value is analog. The perturbation is counted where a synapse remembers
    its own, also if a code lets it be drawn again.
    """
    design, circuit = plan.design, plan.params.synapse
    # Slots that can begin before a late ΔC arrives, and the one that it belongs to.
    needed = -(-design.delay // plan.tau.perturbation) + 1
    remembered = min(needed, design.stored_perturbations or needed)
    stored = [
        ("perturbation, or its trace", remembered * _of_kicked(plan), circuit.storage_top),
        ("sum of products", 1.0, circuit.accumulator_top),
    ]
    if design.has_residue:
        stored.append(("residue", 1.0, circuit.residue_top))
    if design.transfer is not None:
        stored.append(("slow memory cell", 2.0 if design.transfer.is_pair else 1.0, None))
    if plan.params.biases is not None:
        top = (given(plan.params.biases.levels) - 1) / 2
        stored.append(("bias register", _biases(plan), top))
    of_rule = _of_rule(plan)
    if of_rule:
        stored.append(("learning rule", of_rule, circuit.rule_top))
    return [
        {"what": what, "values": values, "bits": None if top is None else _bits(top)}
        for what, values, top in stored
    ]


def _biases(plan: Plan) -> float:
    """Returns the registers for every synapse: each bias has one."""
    theta = jax.eval_shape(plan.design.network.initialise, jax.random.key(0))
    every = jax.tree_util.tree_leaves_with_path(theta)
    kept = sum(math.prod(leaf.shape) for path, leaf in every if is_bias(path))
    return round(kept / sum(math.prod(leaf.shape) for _, leaf in every), 4)


def _of_kicked(plan: Plan) -> float:
    """Returns the share of the synapses that learn by kicks; those by errors remember none."""
    told = taught_by_errors(plan.machine).get("by_error", 0)
    theta = jax.eval_shape(plan.design.network.initialise, jax.random.key(0))
    every = sum(math.prod(one.shape) for one in jax.tree.leaves(learning(plan.design, theta)))
    return round(1 - told / every, 4)


def _of_rule(plan: Plan) -> float:
    theta = jax.eval_shape(plan.design.network.initialise, jax.random.key(0))
    state = jax.eval_shape(lambda: plan.design.rule(plan.params.synapse.learning_rate).init(theta))
    synapses = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(theta))
    kept = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(state) if leaf.shape)
    return round(kept / synapses, 2)


def _bits(top: Leaf) -> int:
    return round(math.log2(float(np.max(top)) + 1)) + 1
