"""Options: what cannot be run is refused in one line that says where and why."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.options.config import BusConfig, Config, DeviceConfig, NetworkConfig, SynapseConfig
from neuromgd.options.read import base, checked, from_file, to_toml
from neuromgd.plan.lengths import taus
from neuromgd.plan.plan import plan

REFUSED = [
    (Config(task="nothing"), "task = 'nothing'"),
    (Config(bus=BusConfig(cost_noise=-1.0)), "bus.cost_noise = -1.0"),
    (Config(bus=BusConfig(cost_noise=float("nan"))), "bus.cost_noise = nan"),
    (Config(network=NetworkConfig(hidden=(4, 0))), "network.hidden"),
    (Config(chips=0), "chips = 0"),
    (Config(steps=10, windows=2), "steps and windows"),
    (Config(batch=4, tau_sample=2), "batch and tau_sample"),
    (Config(device=DeviceConfig(weight_min=1.0)), "weight_min = 1.0"),
    (Config(device=DeviceConfig(weight_max=None)), "weight_min and device.weight_max"),
    (Config(bus=BusConfig(delta_bits=None, delta_range=1.0)), "bus.delta_range"),
    (Config(synapse=SynapseConfig(amplitude=float("inf"))), "synapse.amplitude = inf"),
]


@pytest.mark.parametrize(("config", "complaint"), REFUSED)
def test_bad_options_are_refused_by_name(config, complaint):
    with pytest.raises(InputError) as refused:
        checked(config)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("task = 'digits", "cannot be read as TOML"),
        ("speed = 9", "unknown field `speed`"),
        ("[bus]\ncost_noise = 'loud'", "bus.cost_noise"),
        ("[bus]\ncost_noise = -0.5", "bus.cost_noise"),
    ],
)
def test_bad_files_are_refused_by_file_and_key(tmp_path, text, complaint):
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        from_file(path)
    assert str(path) in str(refused.value)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_stands_over_the_defaults_only_where_it_speaks(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("chips = 3\n[bus]\ncost_noise = 0.5\n")
    config = from_file(path)
    assert config.chips == 3
    assert config.bus == msgspec.structs.replace(BusConfig(), cost_noise=0.5)


NUMBERS = st.floats(1e-6, 1e3)


@given(
    st.booleans(),
    st.none() | NUMBERS,
    st.none() | NUMBERS,
    st.none() | st.lists(st.integers(1, 9), max_size=3).map(tuple),
)
def test_a_configuration_survives_its_file(tmp_path_factory, ideal, noise, spread, hidden):
    start = base(ideal)
    config = msgspec.structs.replace(
        start,
        bus=msgspec.structs.replace(start.bus, cost_noise=noise),
        synapse=msgspec.structs.replace(start.synapse, amplitude_spread=spread),
        network=msgspec.structs.replace(start.network, hidden=hidden),
    )
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(to_toml(config))
    assert from_file(path) == config


@pytest.mark.parametrize("name", ["tau_sample", "tau_perturbation"])
def test_hold_times_that_do_not_fit_a_window_are_refused(name):
    config = msgspec.structs.replace(Config(tau_update=10), **{name: 4})
    with pytest.raises(InputError, match=f"multiple of {name} = 4"):
        plan(config)


def test_a_batch_is_samples_under_one_perturbation():
    from neuromgd.data import TASKS

    assert taus(Config(batch=16), TASKS["digits"]) == (1, 16, 16)
    assert taus(Config(tau_sample=6, tau_perturbation=4), TASKS["digits"]) == (6, 4, 12)


def test_a_run_must_have_a_window():
    with pytest.raises(InputError, match="shorter than one window"):
        plan(Config(steps=3, batch=8))
    with pytest.raises(InputError, match="can be counted"):
        plan(Config(windows=2**30, batch=8))


def test_equal_choices_are_one_design_whatever_the_strengths():
    """Then their runs share a compiled program."""
    one, noisier, wider = (
        plan(Config(task="parity", windows=4, **options)).design
        for options in (
            {},
            {"bus": BusConfig(cost_noise=1e-3)},
            {"network": NetworkConfig(hidden=(3,))},
        )
    )
    assert one == noisier
    assert hash(one) == hash(noisier)
    assert one != wider
