"""The interface of a learning mode: what every synapse does so that one scalar can teach it.

The bus, the meter and the memory cells are the same for all modes. In what follows a machine is a
``neuromgd.chip.machine.Machine`` and a chip a ``neuromgd.chip.chip.Chip``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from neuromgd import names
from neuromgd.registry import Registry


class Mode(NamedTuple):
    """How synapses learn.

    Attributes:
        at_rest: (arrays of weights) -> learning circuits that have stored and heard nothing.
        kick: (machine, chip, slot) -> a ``Kick``: what is kicked in a perturbation slot, and what
            that leaves of the cells.
        compare: (machine, chip, theta, kick, sample, cost_0, n) -> the ``Costs`` of the passes of
            timesteps n, and the chip after them: its circuits may note what they see of a pass.
        learn: (machine, chip, delta_cost, n) -> the chip after its synapses heard the ΔC that
            arrives at timestep n.
        update: (machine, chip, window) -> the chip after the write at the end of a window; what
            the circuits keep in ``chip.synapse`` is carried to the next.
        window: (machine, chip, number, sample) -> chip and ``Record`` after all timesteps of a
            window at once, before its write; None: they are taken one by one.
        carries: Whether circuits keep anything from one window to the next.
        steps_because: (machine) -> why the timesteps of a window depend on each other, so that
            only ``step`` can compute them; None: they do not.
        kicked: (machine, arrays of weights) -> shapes of all that is kicked and told apart.
        kickers: (machine, arrays of weights) -> shapes of the circuits that kick, each with its
            own amplitude; they broadcast against ``kicked``.
        memory: (machine, arrays of weights) -> what circuits keep for a ΔC that is late, empty;
            None: nothing that they could not tell again.
        sees_rows: Whether it notes what drives the arrays, for rows that subtract their mean.
        by_error: Paths of the modules whose arrays are not kicked, but learn by the errors of the
            outputs behind them.
        is_continuous: Whether weights move at every timestep, and the cost is held against its own
            past: no C0 is read, and every timestep sends its ΔC.
    """

    at_rest: Callable[..., Any]
    kick: Callable[..., Any]
    compare: Callable[..., Any]
    learn: Callable[..., Any]
    update: Callable[..., Any]
    window: Callable[..., Any] | None
    carries: bool
    steps_because: Callable[..., str | None]
    kicked: Callable[..., Any] = lambda machine, theta: theta
    kickers: Callable[..., Any] = lambda machine, theta: theta
    memory: Callable[..., Any] = lambda machine, theta: None
    sees_rows: bool = False
    by_error: tuple[tuple[str, ...], ...] = ()
    is_continuous: bool = False


MODES: Registry[Mode] = Registry(names.MODES)
