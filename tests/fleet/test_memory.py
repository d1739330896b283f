"""What cannot be held is refused before it is made."""

import pytest

from neuromgd.errors import InputError
from neuromgd.fleet import chips, layout
from neuromgd.fleet.memory import of_machine, telling_of_memory
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


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "4096"}, 4096),
        ("0::/a/b\n", {"a/b/memory.max": "2048", "a/memory.max": "4096"}, 2048),
        ("0::/of/the/host\n", {"memory.max": "1024"}, 1024),
        ("4:memory:/x\n0::/\n", {"memory/x/memory.limit_in_bytes": "512"}, 512),
        ("4:cpu:/x\n", {"memory/x/memory.limit_in_bytes": "512"}, None),
    ],
)
def test_the_memory_is_that_of_the_narrowest_group(tmp_path, groups, limits, expected):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    for name, limit in limits.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{limit}\n")
    assert of_machine(tmp_path) == (expected or of_machine(tmp_path / "nothing"))


def test_what_fails_for_want_of_memory_is_told_in_one_line():
    told = "RESOURCE_EXHAUSTED: Out of memory allocating 40000000000 bytes.\nmore"
    with pytest.raises(InputError, match=r"\(40 GB were asked for") as refused, telling_of_memory():
        raise RuntimeError(told)
    assert "\n" not in str(refused.value)
    with pytest.raises(RuntimeError, match="other"), telling_of_memory():
        raise RuntimeError("other")
