"""What papers print becomes a cell that has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.characterise.published import Printed, printed, quantities, weight_of
from neuromgd.errors import InputError

GAMMAS = st.floats(0.1, 1.0)


@given(st.floats(-0.9, 0.9), st.floats(2, 1e4), GAMMAS, GAMMAS)
def test_the_steps_are_equal_at_the_symmetry_point_and_cross_the_window_in_n(point, n, up, down):
    q = quantities(Printed(point, n), (up, down))
    rise = q["update_step"] * (1 + q["update_asymmetry"]) * (1 - up * point)
    fall = q["update_step"] * (1 - q["update_asymmetry"]) * (1 + down * point)
    assert rise == pytest.approx(fall, rel=1e-9)
    assert n * rise == pytest.approx(2, rel=1e-9)


@given(st.floats(-0.9, 0.9), st.floats(2, 1e4), st.floats(1.1, 1e3), GAMMAS, GAMMAS)
def test_there_and_back_is_the_same(point, n, ratio, up, down):
    found = printed(quantities(Printed(point, n, ratio), (up, down), conductance_max=80.0))
    assert found == pytest.approx((point, n, ratio), rel=1e-6, abs=1e-9)


def test_a_conductance_is_a_weight():
    assert [weight_of(g, 10.0, 90.0) for g in (10.0, 50.0, 90.0)] == [-1, 0, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: quantities(Printed(1.0, 20)),
        lambda: quantities(Printed(0.0, 0.5)),
        lambda: quantities(Printed(0.0, float("nan"))),
        lambda: quantities(Printed(0.0, 20), (1.5, 1.0)),
        lambda: quantities(Printed(0.0, 20), conductance_max=80.0),
        lambda: weight_of(1.0, 2.0, 2.0),
        lambda: printed({"update_step": 0.1, "update_asymmetry": 0.5}),
    ],
)
def test_what_no_cell_has_is_refused(call):
    with pytest.raises(InputError):
        call()
