"""The clock of a training run: the same figures as the clock alone, row by row."""

import json

import msgspec
import pytest

from neuromgd.errors import InputError
from neuromgd.options.config import ArrayConfig, BusConfig, Config
from neuromgd.options.read import base, from_file, with_platform
from neuromgd.plan.plan import Parts, plan
from neuromgd.study.train import train
from neuromgd.timing import Workload, load, time_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("runs") / "clocked")
    return train(
        Config(
            task="parity", chips=2, windows=40, log_every=10, platform="rram_32nm", out=out,
            bus=BusConfig(reference="reuse", broadcast="timestep"),
        )
    )  # fmt: skip


def test_every_row_and_the_summary_tell_hardware_time_and_energy(run):
    alone = Workload(
        layers=(2, 2, 1), steps=160, tau_perturbation=4, tau_update=4, broadcast="timestep"
    )
    report = time_run(load("rram_32nm"), alone, "reuse")
    assert run.summary["hardware_seconds"] == report.seconds
    assert run.summary["hardware_joules"] == report.joules
    for row in run.history:
        assert (row.hardware_seconds, row.hardware_joules) == report.at(row.step)


def test_the_platform_brings_its_converters(run):
    written = from_file(run.folder / "config.toml")
    assert (written.array.dac_bits, written.array.adc_bits) == (8, 8)
    config = Config(platform="memristor_130nm", array=ArrayConfig(adc_bits=4))
    assert with_platform(config).array == ArrayConfig(dac_bits=6, adc_bits=4)
    ideal = base(True)
    assert (
        with_platform(msgspec.structs.replace(ideal, platform="memristor_130nm")).array
        == ideal.array
    )


def test_a_finished_run_can_be_priced_on_another_platform(run, capsys):
    from neuromgd.cli.time import main

    main(["--run", str(run.folder), "--platform", "rram_32nm", "--json"])
    assert json.loads(capsys.readouterr().out)["seconds"] == run.summary["hardware_seconds"]
    main(["--run", str(run.folder), "--platform", "pcm_14nm", "--json"])
    assert json.loads(capsys.readouterr().out)["seconds"] != run.summary["hardware_seconds"]


def test_a_network_of_dense_layers_is_needed():
    config = Config(task="parity", platform="rram_32nm")
    own = Parts(network=plan(config).design.network)
    with pytest.raises(InputError, match="option platform"):
        plan(config, own)


def test_an_unknown_platform_is_refused():
    config = Config(task="parity", platform="abacus")
    with pytest.raises(InputError, match="no sheet 'abacus'"):
        plan(config)
