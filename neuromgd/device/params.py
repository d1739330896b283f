"""How good the technology of a memory cell is: one number for each effect, None for absence."""

from flax import struct

from neuromgd.typing import Leaf


class DeviceParams(struct.PyTreeNode, kw_only=True):
    """The memory cell's non-idealities, in weight units (w.u.).

    Attributes:
        update_step: () size dw of one pulse at the window's centre [w.u.]; None: continuous writes.
        weight_min: () lowest weight a cell can hold [w.u.]; None: unbounded.
        weight_max: () highest weight a cell can hold [w.u.]; None: unbounded.
        nonlinearity_up: () γ_up, how far an upward pulse shrinks towards weight_max [1].
        nonlinearity_down: () γ_down, the same downwards towards weight_min [1].
        update_noise: () σ_θ, fresh noise on every write, kept by the cell [w.u.].
        write_noise: () σ of what the network sees above the kept weight, until the next write
            [w.u.].
    """

    update_step: Leaf | None = None
    weight_min: Leaf | None = None
    weight_max: Leaf | None = None
    nonlinearity_up: Leaf | None = None
    nonlinearity_down: Leaf | None = None
    update_noise: Leaf | None = None
    write_noise: Leaf | None = None
