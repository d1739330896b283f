"""Pulse by pulse, in NumPy: the update rules of the toolkit that nine device sheets were read in.

Written anew from the published formulas, with the toolkit's numbers stated here once more: neither
the sheets nor the product's conversions, closed solutions or generator are used.

References:
    Rasch et al., AICAS (2021), and the documentation of aihwkit 1.1.0 (ConstantStep, LinearStep,
    SoftBoundsReference and ExpStep devices, and their presets).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class Preset(NamedTuple):
    """Numbers of one cell, as the toolkit names them in its documentation.

    Attributes:
        step: Size of a pulse at zero weight [w.u.].
        low: Lowest weight [w.u.].
        high: Highest weight [w.u.].
        step_spread: σ of the gain of a cell; of its logarithm if ``is_log``.
        low_spread: σ of ``low`` over its mean.
        high_spread: σ of ``high`` over its mean.
        up_down: > 0: what the gain of downward steps lacks; < 0: that of upward ones.
        up_down_spread: σ of r: gains are g + r upwards and g − r downwards.
        cycle: σ of one pulse over its change, or over the step at zero weight if ``is_additive``.
        write: σ of what is seen over what is kept [steps].
        slopes: γ of the linear step, up and down, and their σ.
        bends: (A_up, A_down, γ, a, b) of the exponential step.
        reference: σ of the reference [w.u.]; it also takes each cell's symmetry point away.
        is_soft: Whether steps vanish at the cell's own bounds, not by ``slopes``.
    """

    step: float
    low: float
    high: float
    step_spread: float
    low_spread: float
    high_spread: float
    up_down_spread: float
    cycle: float
    up_down: float = 0.0
    write: float = 0.0
    slopes: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bends: tuple[float, float, float, float, float] | None = None
    reference: float | None = None
    is_soft: bool = False
    is_log: bool = False
    is_additive: bool = False


PRESETS = {
    "reram_es_gong2018": Preset(
        0.00135, -1, 1, 0.2, 0.3, 0.3, 0.05, 5.0, up_down=0.259359, write=75,
        bends=(-1.18445, -0.081404, 5.0, -0.5, -0.5),
    ),
    "reram_sb_gong2018": Preset(
        0.002, -0.75, 1.25, 0.3, 0.3 / 0.75, 0.3 / 1.25, 0.01, 3.75, write=56,
        is_soft=True, is_additive=True,
    ),
    "reram_array_om_2022": Preset(
        0.0949, -1, 1, 0.7829, 0.5695, 0.3499, 0.01, 0.4158, write=1.4113, reference=0.05,
        is_soft=True, is_log=True, is_additive=True,
    ),
    "reram_array_hfo2_2022": Preset(
        0.4622, -1, 1, 0.7125, 0.5990, 0.4295, 0.01, 0.2174, write=0.5841, reference=0.05,
        is_soft=True, is_log=True, is_additive=True,
    ),
    "capacitor_li2018": Preset(
        0.005, -1, 1, 0.1, 0.07, 0.07, 0.06, 0.3, slopes=(0.05, 0.05, 0.01), is_additive=True
    ),
    "ecram_li_tang2018": Preset(
        0.002, -0.8276, 1.1724, 0.1, 0.05, 0.05, 0.01, 0.3, slopes=(0.1153, 0.5085, 0.05)
    ),
    "ecram_mo_kim2019": Preset(
        2.8214e-4, -0.8286, 1.1714, 0.1, 0.05, 0.05, 0.01, 2.0, slopes=(0.4152, 0.7342, 0.05)
    ),
    "idealized_rasch2019": Preset(0.0002, -1, 1, 0.3, 0.3, 0.3, 0.0, 0.3),
    "gokmen_vlasov2016": Preset(0.0016, -1, 1, 0.3, 0.3, 0.3, 0.01, 0.3),
}  # fmt: skip


class Cells:
    """Cells of one preset, made and pulsed by the toolkit's rules."""

    def __init__(self, preset: Preset, count: int, seed: int):
        self.preset, self.count = preset, count
        self.rng = np.random.default_rng(seed)
        p = preset
        gain = np.exp(p.step_spread * self.draw()) if p.is_log else 1 + p.step_spread * self.draw()
        r = p.up_down_spread * self.draw()
        self.up = np.abs(gain + min(p.up_down, 0) + r) * p.step
        self.down = np.abs(gain - max(p.up_down, 0) - r) * p.step
        high, low = (
            p.high * (1 + p.high_spread * self.draw()),
            p.low * (1 + p.low_spread * self.draw()),
        )
        self.high, self.low = np.abs(np.maximum(low, high)), -np.abs(np.minimum(low, high))
        # γ of each direction has a draw of its own, over the mean bound.
        up, down, spread = p.slopes
        self.slope_up = np.abs(up + spread * self.draw()) / p.high
        self.slope_down = np.abs(down + spread * self.draw()) / p.low
        self.reference: Any = np.float32(0)
        if p.is_soft:
            self.slope_up, self.slope_down = 1 / self.high, 1 / self.low
        if p.reference is not None:
            symmetry = (self.up - self.down) / (self.up / self.high - self.down / self.low)
            self.reference = p.reference * self.draw() + symmetry
        self.weight = np.zeros(count, np.float32)

    def draw(self) -> Vector:
        return self.rng.standard_normal(self.count, np.float32)

    def pulse(self, sign: int) -> None:
        """Gives one pulse to every cell."""
        p, w = self.preset, self.weight + self.reference
        step = self.up if sign > 0 else self.down
        if p.bends is None:
            shape = 1 - (self.slope_up if sign > 0 else self.slope_down) * w
        else:
            size_up, size_down, rate, a, b = p.bends
            z = 2 * w / (self.high - self.low) * a + b
            bend = size_up * np.exp(rate * z) if sign > 0 else size_down * np.exp(-rate * z)
            shape = np.maximum(1 - bend, 0)
        noise = p.cycle * self.draw()
        change = step * (shape + noise) if p.is_additive else step * shape * (1 + noise)
        self.weight = np.clip(w + sign * change, self.low, self.high) - self.reference

    def seen(self) -> Vector:
        """Returns what a reading shows now [w.u.]."""
        return self.weight + self.preset.write * self.preset.step * self.draw()


def curve(preset: Preset, count: int, seed: int, up: int, at: tuple[int, ...]) -> list[Vector]:
    """Returns what is seen of all cells after some pulses, of which the first ``up`` go up."""
    cells = Cells(preset, count, seed)
    seen = []
    for number in range(1, max(at) + 1):
        cells.pulse(1 if number <= up else -1)
        if number in at:
            seen.append(cells.seen())
    return seen
