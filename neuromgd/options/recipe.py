"""What a search for a recipe tries: rates, kicks, and when a cell is written."""

import math
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from scipy.stats import qmc

from neuromgd.options.config import Config, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.transfer import TransferConfig

# Factors to either side of the start within which rates, kicks and thresholds are tried.
RATE_SPAN, KICK_SPAN, THRESHOLD_SPAN = 10.0, 2.0, 3.0
# Times as many perturbations before a write, for half of those that write at once.
MORE_PRESENTATIONS = 8
# Windows between two transfers, and about which share of what is read is transferred.
TRANSFER_EVERY, SHARE = 20, 0.2
# What only a residue has.
RESIDUE = tuple(n for n in SynapseConfig.__struct_fields__ if n.startswith("residue"))


class Start(NamedTuple):
    """Where a search starts, and what it searches about.

    Attributes:
        rate: Learning rate η.
        windows: Length of the whole run.
        amplitude: Perturbation amplitude Δθ [w.u.].
        node_amplitude: The same of neurons, where it is given [their units].
    """

    rate: float
    windows: int
    amplitude: float
    node_amplitude: float | None = None


class Candidate(NamedTuple):
    """One way to train.

    Attributes:
        rate: Learning rate η of the whole run.
        kick: Amplitude of the perturbation over that of the start [1].
        presentations: Times as many timesteps before a write as the configuration has.
        has_residue: Whether a synapse keeps what it could not write.
        pulses: Threshold of a write in pulses or levels; None: in weight units, or the cell's own.
        weight: Threshold of a write [w.u.].
        fast: Sheet of the fast cell beside the one of the configuration; None: one cell a weight.
        share: What is asked of the slow cell then over what is read of the fast one.
    """

    rate: float
    kick: float = 1.0
    presentations: int = 1
    has_residue: bool = False
    pulses: float | None = None
    weight: float | None = None
    fast: str | None = None
    share: float | None = None

    @property
    def group(self) -> str:
        """Name of those that share a program."""
        if self.fast is not None:
            return "two_cells"
        return "residue" if self.has_residue else f"at_once_{self.presentations}"

    def over(self, config: Config, start: Start, windows: int, chips: int) -> Config:
        """Returns a configuration that trains in this way, for so many windows.

        A run of 1/k of the whole learns √k as fast: half way, over the logarithms, between a signal
        that has to come as far (k) and a walk that may (√k σ in N/k windows). Its requests are √k
        as long for 1/k of the windows, for which the same threshold is the best.
        """
        replace, node = msgspec.structs.replace, start.node_amplitude
        longer = {}
        if self.presentations > 1:
            longer = {"tau_update": (config.tau_update or 1) * self.presentations}
        rate = self.rate * math.sqrt(start.windows / windows)
        return replace(
            config,
            learning=replace(config.learning, rate=rate),
            synapse=replace(
                self._circuit(config.synapse),
                amplitude=self.kick * start.amplitude,
                node_amplitude=None if node is None else self.kick * node,
            ),
            device=self._device(config.device),
            transfer=self._transfer(config),
            windows=max(1, windows // self.presentations),
            steps=None, epochs=None, chips=chips, log_every=None, **longer,
        )  # fmt: skip

    def _circuit(self, given: SynapseConfig) -> SynapseConfig:
        """Returns the learning circuit; without a residue nothing of one is left."""
        if self.has_residue:
            return msgspec.structs.replace(given, residue=True)
        default = SynapseConfig()
        return msgspec.structs.replace(given, **{n: getattr(default, n) for n in RESIDUE})

    def _device(self, given: DeviceConfig) -> DeviceConfig:
        """Returns the cell that learns."""
        if self.fast is not None:
            return DeviceConfig(sheet=self.fast, seconds_per_timestep=given.seconds_per_timestep)
        return msgspec.structs.replace(
            given, write_threshold_pulses=self.pulses, write_threshold=self.weight
        )

    def _transfer(self, config: Config) -> TransferConfig:
        """Returns what is transferred to the cell of the configuration, beside a fast one."""
        if self.fast is None:
            return config.transfer
        return TransferConfig(
            every=TRANSFER_EVERY, device=config.device.sheet, share=self.share, verified=True
        )


class Places(NamedTuple):
    """Where candidates lie, evenly spread over the logarithms of what is searched.

    It is Halton's sequence, scrambled by the seed of the run.

    Attributes:
        rates: Learning rates.
        kicks: Amplitudes over that of the start.
        factors: Thresholds over the best that is known.
    """

    rates: list[float]
    kicks: list[float]
    factors: list[float]


def places(config: Config, rate: float, count: int) -> Places:
    """Returns so many places about a rate."""
    spread = 2 * qmc.Halton(3, rng=config.seed).random(count) - 1
    return Places(
        (rate * RATE_SPAN ** spread[:, 0]).tolist(),
        (KICK_SPAN ** spread[:, 1]).tolist(),
        (THRESHOLD_SPAN ** spread[:, 2]).tolist(),
    )


def at_once(config: Config, at: Places) -> list[Candidate]:
    """Returns candidates that write what they are asked for, every other one more rarely.

    More presentations before a write are more timesteps, so a configuration with a batch, whose
    perturbation stays for all of them, keeps its own.
    """
    more = MORE_PRESENTATIONS if config.tau_update else 1
    return [
        Candidate(rate, kick, more if number % 2 else 1)
        for number, (rate, kick) in enumerate(zip(at.rates, at.kicks, strict=True))
    ]


def with_residue(
    at: Places, best: Callable[[float], tuple[float | None, float]]
) -> list[Candidate]:
    """Returns candidates that keep a residue, with thresholds about the best.

    Args:
        at: Where they lie.
        best: rate -> the best threshold, in pulses (None: cells without) and [w.u.].
    """
    found = []
    for rate, kick, factor in zip(*at, strict=True):
        pulses, weight = best(rate)
        if pulses is None:
            found.append(Candidate(rate, kick, has_residue=True, weight=factor * weight))
        else:
            # Below half a step a residue is rounded anyway.
            most = max(0.5, factor * pulses)
            found.append(Candidate(rate, kick, has_residue=True, pulses=most))
    return found


def with_two_cells(at: Places, fast: str) -> list[Candidate]:
    """Returns candidates whose cell is a slow one beside a fast one, with shares about SHARE."""
    shares = [min(1.0, SHARE * factor**1.5) for factor in at.factors]
    every = zip(at.rates, at.kicks, shares, strict=True)
    return [Candidate(rate, kick, fast=fast, share=share) for rate, kick, share in every]
