"""An instrument: a chip that is not simulated, which a host shows samples and writes weights to."""

from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np

from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.typing import Arrays


@runtime_checkable
class Instrument(Protocol):
    """Anything that holds weights and gives outputs: a chip on a bench, or a program.

    It may also have ``cost(outputs, y)``, which returns the (samples,) cost of each sample as the
    instrument measures it; else the cost is computed from its outputs as the options say.
    """

    def set_weights(self, theta: Arrays) -> None:
        """Takes new weights.

        Args:
            theta: NumPy arrays [w.u.] in the pytree of the network, {layer: {"kernel", "bias"}} for
                dense layers. A read-out gain (``network.weight_scale``) is the instrument's.
        """
        ...

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Returns the (samples, outputs) outputs for (samples, *input) float32 inputs."""
        ...


def listed(instruments: Any) -> tuple[Instrument, ...]:
    """Returns the instruments of a run, one for each chip; (): its chips are simulated.

    Raises:
        InputError: If one of them lacks what a host needs.
    """
    if instruments is None:
        return ()
    several = tuple(instruments) if isinstance(instruments, list | tuple) else (instruments,)
    for one in several:
        lacks = [n for n in ("set_weights", "forward") if not callable(getattr(one, n, None))]
        if lacks:
            raise InputError(f"instrument {type(one).__name__}: has no {' and no '.join(lacks)}")
    if not several:
        raise InputError("instrument []: give at least one")
    return several


def driven(config: Config, instruments: Any) -> Config:
    """Returns the configuration of a run on instruments, or as it is if there are none.

    Raises:
        InputError: If the two do not fit.
    """
    several = listed(instruments)
    if not several:
        if config.engine == "instrument":
            raise InputError(
                "option engine = 'instrument': give the instrument in Python, as"
                " train(config, parts=Parts(instrument=…))"
            )
        return config
    if config.baseline is not None or config.engine not in (Config().engine, "instrument"):
        name = config.baseline or config.engine
        raise InputError(f"option engine = {name!r}: simulates chips, but an instrument is given")
    if config.chips not in (Config().chips, len(several)):
        raise InputError(f"option chips = {config.chips}: {len(several)} instruments are given")
    return msgspec.structs.replace(config, engine="instrument", chips=len(several))
