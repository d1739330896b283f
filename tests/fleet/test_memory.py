"""What cannot be held is refused before it is made."""

import pytest

from neuromgd.errors import InputError
from neuromgd.fleet import chips, layout
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.plan.plan import plan

# Of the default parity chip with 2-2-1 and biases: a weight, what is seen of it, and its writes.
SYNAPSES, BYTES = 9, 12


def test_a_chip_takes_what_its_arrays_do():
    todo = plan(checked(Config(task="parity", windows=2)))
    beside = chips._bytes(todo.machine) - SYNAPSES * BYTES
    # The circuit stores a kick and a sum; then the key, meter and traits, a gain for each synapse.
    assert 0 < beside < SYNAPSES * 16 + 200


def test_chips_beyond_memory_are_refused_with_both_numbers(monkeypatch):
    monkeypatch.setattr(layout, "_device_memory", lambda: 1e6)
    config = checked(Config(task="parity", windows=2, chips=100_000))
    with pytest.raises(InputError, match=r"100,000 chips of 9 synapses take 0.0\d+ GB, allowed"):
        chips.placed(config, plan(config))
    few = checked(Config(task="parity", windows=2, chips=10))
    chips.placed(few, plan(few))
