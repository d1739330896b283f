"""Estimates beside the true gradient: exact where theory says so, by the law where it does not."""

import json

import jax.numpy as jnp
import msgspec
import pytest
from flax import linen as nn

from neuromgd.cli.gradient import main
from neuromgd.errors import InputError
from neuromgd.options.config import (
    BusConfig,
    Config,
    DeviceConfig,
    LearningConfig,
    NetworkConfig,
    SynapseConfig,
)  # fmt: skip
from neuromgd.plan.plan import Parts
from neuromgd.study.gradient import gradient, logged
from neuromgd.study.train import train

EXACT = BusConfig(cost_noise=None, delta_bits=None, cost_difference="exact")
IDEAL = Config(task="parity", ideal=True, chips=2, batch=4, bus=EXACT)


def last(found, name="all"):
    return next(row for row in found.summary["arrays"] if row["array"] == name)


@pytest.fixture(scope="module")
def walsh(tmp_path_factory):
    """Two periods of 16 slots: 9 synapses need a Hadamard matrix of 16."""
    synapse = SynapseConfig(code="walsh", amplitude_spread=None)
    out = str(tmp_path_factory.mktemp("walsh"))
    return gradient(msgspec.structs.replace(IDEAL, synapse=synapse, windows=32, out=out))


def test_a_code_is_exact_after_its_period_and_has_its_power_in_a_window(walsh):
    whole = last(walsh)
    assert whole["angle"] < 0.1
    assert whole["length"] == pytest.approx(1, abs=1e-3)
    assert whole["along"] == pytest.approx(1, abs=1e-3)
    # One slot of any code of signs has ‖Ĝ‖² = P·(ΔC/Δθ)², and ΣΔC² over a period is ‖∇C‖².
    assert whole["power"] == pytest.approx(9, rel=1e-3)
    assert whole["law_power"] == pytest.approx(9, rel=1e-6)
    assert whole["law_angle"] == pytest.approx(0, abs=0.1)


def test_arrays_add_up_to_the_whole(walsh):
    assert walsh.arrays == ["Dense_0", "Dense_1", "all"]
    assert walsh.summary["synapses"] == 9
    steps = [row["step"] for row in walsh.table if row["chip"] == 0 and row["array"] == "all"]
    assert steps == [4 * window for window in logged(32)]
    assert walsh.table[-1]["cost_readings"] == 2 * 4 * 32
    laws = [last(walsh, name)["law_power"] for name in ("Dense_0", "Dense_1")]
    assert min(laws) < 9 < max(laws)


def test_the_first_timestep_within_an_angle_is_one_from_which_on_it_stays(walsh):
    for chip in range(2):
        own = [r for r in walsh.table if r["chip"] == chip and r["array"] == "Dense_1"]
        inside = [row["angle"] <= 15 for row in own]
        first = len(own) - inside[::-1].index(False)
        assert last(walsh, "Dense_1")["step_within"] is not None
        assert own[first]["step"] <= 2 * last(walsh, "Dense_1")["step_within"]


@pytest.mark.slow
def test_neither_noise_of_writes_nor_kicks_of_cells_pile_up(tmp_path):
    """Cells are kicked by writing them, with noise; after ten times as long Ĝ is no worse."""
    angles = []
    for windows in (128, 1280):
        config = Config(
            task="parity", ideal=True, chips=1, batch=4, windows=windows,
            bus=BusConfig(cost_noise=None, delta_bits=None),
            device=DeviceConfig(update_noise=1e-4, update_step=1e-6, weight_min=-1, weight_max=1),
            synapse=SynapseConfig(
                perturbation_element="cell", amplitude_spread=None, amplitude=1e-2
            ),
            out=str(tmp_path / str(windows)),
        )  # fmt: skip
        angles.append(last(gradient(config))["angle"])
    assert angles[1] < angles[0]


@pytest.mark.slow
def test_trained_chips_are_followed_at_their_trained_weights(tmp_path):
    config = msgspec.structs.replace(IDEAL, windows=400, chips=1, out=str(tmp_path / "run"))
    run = train(config)
    synapse = SynapseConfig(code="walsh", amplitude_spread=None)
    other = msgspec.structs.replace(
        config, windows=32, synapse=synapse, out=str(tmp_path / "found")
    )
    found = gradient(other, trained=run)
    assert last(found)["angle"] < 0.1
    assert found.summary["trained"] == str(run.folder)
    wider = msgspec.structs.replace(other, network=NetworkConfig(hidden=(3,)), out=None)
    with pytest.raises(InputError, match=r"option network: the chips of .* were made by another"):
        gradient(wider, trained=run)


class Steps(nn.Module):
    """Hard thresholds: no slope anywhere."""

    @nn.compact
    def __call__(self, x):
        return jnp.where(nn.Dense(1)(x.astype(jnp.float32)) > 0, 1.0, 0.0)


def test_a_cost_without_slope_is_refused(tmp_path):
    config = msgspec.structs.replace(IDEAL, windows=2, out=str(tmp_path / "run"))
    config = msgspec.structs.replace(config, bus=BusConfig(cost_noise=None, delta_bits=None))
    with pytest.raises(InputError, match="no slope anywhere"):
        gradient(config, parts=Parts(network=Steps()))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--resume", "x"], "option resume"),
        (["--samples", "0"], "option samples = 0"),
        (["--within", "90"], "option within"),
        (["--engine", "backprop"], "option engine = 'backprop'"),
        (["--task", "parity", "--samples", "5"], "option samples = 5: there are 4"),
        (["/nowhere"], "/nowhere"),
    ],
)
def test_what_cannot_be_followed_is_refused(arguments, complaint, tmp_path):
    out = [] if arguments[0] == "/nowhere" else ["--out", str(tmp_path / "run")]
    with pytest.raises(InputError, match=complaint):
        main([*arguments, *out])


@pytest.mark.slow
def test_the_command_writes_table_and_figure(tmp_path, capsys, walsh):
    out = tmp_path / "run"
    main(["--config", str(walsh.folder / "config.toml"), "--out", str(out), "--json"])
    summary = json.loads(capsys.readouterr().out)
    assert summary["arrays"] == walsh.summary["arrays"]
    assert (out / "figures" / "gradient.png").exists()
    assert (out / "gradient.parquet").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "held", "gate"),
    [
        ("weight", 32, "none"), ("weight", 1, "none"), ("weight", 1, "pre,post"),
        ("node", 1, "none"), ("node", 1, "post"), ("wp,delta", 1, "none"), ("wp,np", 1, "pre"),
    ],
)  # fmt: skip
def test_estimates_come_to_the_gradient_at_the_rate_of_the_law(mode, held, gate, tmp_path):
    config = Config(
        task="digits", ideal=True, chips=8, windows=2000, tau_perturbation=held, tau_update=32,
        bus=EXACT, learning=LearningConfig(mode=mode), out=str(tmp_path / "run"),
        network=NetworkConfig(hidden=(8,), activation="tanh" if gate == "none" else "relu"),
        synapse=SynapseConfig(
            # Kicks of neurons that are not the louder ones, by which the weights hear little else.
            amplitude_spread=None, gate=gate, node_amplitude=1e-3 if mode == "wp,np" else None,
        ),
    )  # fmt: skip
    found = gradient(config, samples=32)
    whole = last(found)
    # Eight chips of 2,000 windows: the standard error of a mean length along ∇C is below 2 %.
    assert whole["along"] == pytest.approx(1, abs=0.1)
    assert whole["power"] == pytest.approx(whole["law_power"], rel=0.1)
    assert whole["angle"] == pytest.approx(whole["law_angle"], abs=1.5)
    if mode == "wp,delta":
        assert last(found, "Dense_1")["power"] == pytest.approx(1, abs=1e-4)
        assert last(found, "Dense_1")["law_power"] == pytest.approx(1, abs=1e-6)
