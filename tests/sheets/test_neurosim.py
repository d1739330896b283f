"""NeuroSim's language: its labels become our steps, and its own curve comes out again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from neuromgd.sheets import neurosim

# Up and down label and pulses -> γ and dw0 of each, MLP+NeuroSim V3.0 manual, Tables I and II.
PUBLISHED = {
    "Ag:a-Si": (2.4, 97, 4.88, 100, 0.762, 0.0271, 0.987, 0.0506),
    "TaOx/TiO2": (1.85, 102, 1.79, 102, 0.638, 0.0232, 0.623, 0.0230),
    "TaOx/HfOx": (0.04, 128, 0.63, 128, 0.016, 0.0156, 0.245, 0.0160),
    "PCMO": (3.68, 50, 6.76, 50, 0.931, 0.0715, 1.00, 0.200),
    "AlOx/HfO2": (1.94, 40, 0.61, 40, 0.661, 0.0601, 0.238, 0.0510),
    "GST PCM": (0.105, 100, 2.4, 120, 0.042, 0.0200, 0.762, 0.0219),
    "EpiRAM": (0.5, 64, 0.5, 64, 0.196, 0.0317, 0.196, 0.0317),
    "FeFET": (1.75, 32, 1.46, 32, 0.612, 0.0727, 0.529, 0.0696),
    "3T1C": (0.2, 32, 0.2, 32, 0.079, 0.0626, 0.079, 0.0626),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_devices_convert_as_tabulated(name):
    up, up_pulses, down, down_pulses, *expected = PUBLISHED[name]
    one = neurosim.step(up, float(up_pulses))
    other = neurosim.step(down, float(down_pulses))
    # The table has three digits.
    assert [one.nonlinearity, one.rate, other.nonlinearity, other.rate] == pytest.approx(
        expected, rel=2e-3, abs=5e-4
    )


@pytest.mark.parametrize("label", [0.04, 0.105, 0.5, 1.46, 2.4, 4.88, 6.76, 9.0])
def test_labels_convert_to_four_decimals(label):
    x = np.linspace(0, 1, 200_001)

    def label_of(a):
        return 10.1015 * np.max(np.expm1(-x / a) / np.expm1(-1 / a) - x)

    a = brentq(lambda a: label_of(a) - label, 1e-2, 1e3, xtol=1e-12)
    step = neurosim.step(label, 100.0)
    assert step.nonlinearity == pytest.approx(math.tanh(1 / (2 * a)), abs=5e-5)
    assert step.rate == pytest.approx(1 / (a * 100 * math.tanh(1 / (2 * a))), abs=5e-5)


@given(st.floats(0.01, 9), st.integers(2, 2000))
def test_whole_pulses_cross_the_window_on_the_curve_of_the_source(label, pulses):
    step, a = neurosim.step(label, float(pulses)), neurosim.curvature(label)
    weight = -1.0
    for number in range(1, pulses + 1):
        weight += step.step * (1 - step.nonlinearity * weight)
        if number in (pulses // 2, pulses):
            curve = -1 + 2 * math.expm1(-number / (a * pulses)) / math.expm1(-1 / a)
            assert weight == pytest.approx(curve, abs=1e-9)
    assert weight == pytest.approx(1, abs=1e-9)


def test_a_straight_curve_has_equal_steps():
    assert neurosim.step(0.0, 64.0) == (0, 2 / 64, 2 / 64)


@given(st.floats(1e-3, 9.5))
def test_curvature_inverts_the_label(label):
    assert neurosim.label(neurosim.curvature(label)) == pytest.approx(label, rel=1e-9, abs=1e-9)
