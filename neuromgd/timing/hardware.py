"""The chip as the clock sees it: its parts, each with a time and an energy."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from neuromgd.timing.part import Part


class Hardware(NamedTuple):
    """Parts of one chip; None or an empty tuple where the platform has no such part.

    Attributes:
        forward: A forward pass, sample to cost, in order.
        feedback: From the two costs to the scalar on every synapse's input: subtract, broadcast.
        accumulate: Every synapse that hears a broadcast multiplies and adds.
        correct: The same of synapses that learn by the errors of outputs.
        perturb: A new perturbation set in every synapse.
        switch: The perturbation put on the weights, or taken off.
        transfer: Fast cells read, their slow ones written, and they themselves again.
        period: Perturbation time of the paper's clock [tick].
        reduce: Cost changes of several chips added.
        reduces_singly: Whether that part serves one chip at a time, not all together.
        variance: Variance of each part's time where it is random [tick²].
        arbitration: How a shared resource is granted, where it is not by program order.
    """

    forward: tuple[Part, ...]
    feedback: tuple[Part, ...] = ()
    accumulate: Part | None = None
    correct: Part | None = None
    load: Part | None = None
    perturb: Part | None = None
    switch: Part | None = None
    write: Part | None = None
    transfer: Part | None = None
    reduce: Part | None = None
    reduces_singly: bool = False
    period: int | None = None
    variance: Mapping[str, Fraction] = MappingProxyType({})
    arbitration: Mapping[str, str] = MappingProxyType({})

    @property
    def pass_ticks(self) -> int:
        """Time of one forward pass alone [tick]."""
        return sum(part.ticks + part.after for part in self.forward)
