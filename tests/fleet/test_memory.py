"""What cannot be held is refused before it is made."""

import msgspec
import pytest

from neuromgd.errors import InputError
from neuromgd.fleet import chips, layout
from neuromgd.fleet import needed as module
from neuromgd.fleet.memory import of_machine, telling_of_memory
from neuromgd.fleet.needed import bytes_of_one, needed, placed_by, points_at_once
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.plan.plan import plan

# Of the default parity chip with 2-2-1 and biases: a weight, what is seen of it, and its writes.
SYNAPSES, BYTES = 9, 12


def test_a_chip_takes_what_its_arrays_do():
    todo = plan(checked(Config(task="parity", windows=2)))
    beside = bytes_of_one(todo.machine) - SYNAPSES * BYTES
    # The circuit stores a kick and a sum; then the key, meter and traits, a gain for each synapse.
    assert 0 < beside < SYNAPSES * 16 + 200


def test_chips_beyond_memory_are_refused_with_both_numbers(monkeypatch):
    monkeypatch.setattr(module, "memory_there", lambda: 1e6)
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


def needs(points, memory=None, **options):
    """Returns what so many points of two parity chips take, and the most that fit together."""
    given = Config(task="parity", windows=40, log_every=10, chips=2, memory=memory, **options)
    config = checked(given)
    todo = plan(config)._replace(points=points)
    where = placed_by(config, todo)
    return needed(config, todo, todo.machine, where), points_at_once(config, todo, points)


def test_a_run_needs_what_its_chips_programs_records_and_data_do():
    one, two = needs(1)[0], needs(2)[0]
    assert two.data == one.data > 0
    for name in ("states", "program", "records"):
        assert getattr(two, name) == 2 * getattr(one, name) > 0
    machine = plan(checked(Config(task="parity", windows=2))).machine
    assert one.states == 2 * 2 * bytes_of_one(machine)
    assert needs(1, generator="philox")[0].total > 0


def test_as_many_points_run_together_as_fit():
    for fit in (1, 2, 5):
        memory = needs(fit)[0].total / 1e9
        assert needs(6, memory * 1.0001)[1] == fit
        assert needs(6, memory * 0.9999)[1] == max(1, fit - 1)
    assert needs(6)[1] == 6


def test_a_run_beyond_its_memory_says_what_takes_it_and_what_to_change():
    found = needs(1)[0]
    config = checked(Config(task="parity", windows=40, log_every=10, chips=2))
    within = lambda share: msgspec.structs.replace(config, memory=share / 1e9)
    todo = plan(config)
    assert chips.placed(within(found.total + 1), todo)[1].at_once > 1
    # Chips that run one after the other take less.
    assert chips.placed(within(found.total - found.program / 2 + 1), todo)[1].at_once == 1
    with pytest.raises(InputError, match=r"allowed are .*records .*; give .*, or more --memory"):
        chips.placed(within(found.total - found.program), todo)


def test_of_the_memory_of_a_machine_arrays_have_what_the_process_leaves(monkeypatch):
    for there, left in ((8e9, 7.25e9), (1e9, 0.25e9), (0.5e9, 0.05e9)):
        monkeypatch.setattr(layout, "of_machine", lambda there=there: there)
        assert layout.memory_there() == pytest.approx(left)
