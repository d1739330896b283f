"""The clock of a training run: the same figures as the clock alone, row by row."""

import json

import jax
import msgspec
import pytest
from flax import linen as nn

from neuromgd.errors import InputError
from neuromgd.network.models import NETWORKS
from neuromgd.options.config import (
    ArrayConfig,
    BusConfig,
    Config,
    LearningConfig,
    NetworkConfig,
    SynapseConfig,
)
from neuromgd.options.read import base, from_file, with_platform
from neuromgd.options.transfer import TransferConfig
from neuromgd.plan.clock import workload
from neuromgd.plan.plan import Parts, plan
from neuromgd.sheets import library
from neuromgd.study.findings import findings
from neuromgd.study.train import train
from neuromgd.timing import Workload, load, time_run
from neuromgd.timing.changes import changes
from neuromgd.timing.rendering import quantity
from neuromgd.timing.told import told
from neuromgd.verdict.advice import faster, residue
from neuromgd.verdict.remedy import Remedy


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("runs") / "clocked")
    return train(
        Config(
            task="parity", ideal=True, chips=2, windows=40, log_every=10, platform="rram_32nm",
            out=out, bus=BusConfig(reference="reuse", broadcast="timestep"),
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


def test_a_run_tells_what_to_change_first(run):
    """The clock again on a sheet with an entry half as large gives the times that are told."""
    advice = run.summary["advice"]
    assert advice == faster(run.plan.report)
    best = changes(run.plan.report, 3)[0]
    assert advice[0].startswith(f"on rram_32nm, half of {' and of '.join(best.entries)}: ")
    assert quantity(best.seconds, "s") in advice[0]
    assert best.seconds < run.summary["hardware_seconds"]
    assert findings(run.folder, asks_chips=False).advice == tuple(advice)


def test_a_residue_is_advised_where_it_errs_by_less_than_half():
    better = Remedy(0.1, 2.0, 10, 1.0, 5.0, 1.0, walk=0.03, kept=0.02, pull=0.01)
    told = {"remedy": better._asdict(), "diagnostics": {"random_walk_over_window": 0.5},
            "writes_per_synapse": 200.0}  # fmt: skip
    (line,) = residue(told)
    assert "falls from 0.5 to" in line
    assert "from 200 to" in line
    for harmless in (0.2, 0.6):
        told["diagnostics"]["random_walk_over_window"] = harmless
        assert residue(told | {"remedy": better._replace(walk=harmless - 0.2)._asdict()}) == []
    assert residue(told | {"remedy": None}) == []


def test_the_platform_brings_its_converters():
    isaac = with_platform(Config(platform="rram_32nm"))
    assert (isaac.array.dac_bits, isaac.array.adc_bits) == (8, 8)
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


class Patches(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Conv(2, (3, 3))(x.reshape(-1, 7, 7, 1)))
        return nn.Dense(4)(x.reshape(x.shape[0], -1))


OWN = Config(task="nist7x7", chips=1, windows=2, log_every=2, platform="rram_32nm")


@pytest.mark.parametrize(("mode", "kicks"), [("weight", None), ("node", 2 * 49 + 4)])
def test_a_network_of_ones_own_is_timed_as_it_is_traced(mode, kicks):
    """One convolution and one dense layer; each neuron at each position is kicked by itself."""
    config = msgspec.structs.replace(OWN, learning=LearningConfig(mode=mode))
    planned = plan(config, Parts(network=Patches()))
    recorded = workload(config, planned.machine, None, planned.windows * planned.tau.update)
    assert recorded.get("kicked") == kicks
    line = Workload(
        network=told("7x7x1,conv:2x3,4"), kicked=kicks,
        **{key: recorded[key] for key in ("steps", "tau_sample", "tau_perturbation",
                                          "tau_update", "broadcast")},
    )  # fmt: skip
    report = time_run(load("rram_32nm"), line, recorded["schedule"])
    assert planned.report.ticks == report.ticks
    assert planned.report.joules == report.joules


def test_the_clock_counts_what_the_run_did(run):
    """Forty windows of four timesteps; C0 is read after each write."""
    facts = {**run.summary["workload"], "layers": (2, 2, 1)}
    schedule = facts.pop("schedule")
    report = time_run(load("rram_32nm"), Workload(**facts), schedule)
    assert report.counts["readings"] == run.summary["cost_readings"] == 160 + 160
    assert report.counts["broadcasts"] == run.summary["broadcasts"] == 160
    assert report.counts["updates"] == run.summary["windows"] == 40
    assert report.counts["loads"] == run.summary["sample_presentations"] == 160


VARIANTS = [
    ({"bus": BusConfig(**bus), **changes}, {})
    for bus in ({"reference": "two_pass"}, {"reference": "reuse"}, {"reference": "central"},
                {"broadcast": "timestep"}, {"pass_order": "block"})
    for changes in ({}, {"tau_sample": 3, "tau_perturbation": 3, "tau_update": 12},
                    {"tau_sample": 12, "tau_perturbation": 2, "tau_update": 12})
]  # fmt: skip
# The 2-2-1 network has 9 weights and biases, and 3 neurons; what else is recorded of a mode.
VARIANTS += [
    ({"learning": LearningConfig(mode="node")}, {"kicked": 3}),
    ({"learning": LearningConfig(mode="wp,np")}, {"kicked": 7}),
    ({"learning": LearningConfig(mode="np,frozen")},
     {"kicked": 2, "learning": 6, "frozen": (1,)}),
    ({"synapse": SynapseConfig(code="sequential")}, {"kicked": 1}),
    ({"synapse": SynapseConfig(in_turn=True)}, {"kicked": 4.5}),
    ({"synapse": SynapseConfig(in_turn=True), "learning": LearningConfig(mode="node")},
     {"kicked": 1.5}),
    ({"synapse": SynapseConfig(antithetic=True), "batch": 4, "tau_perturbation": 2}, {}),
    ({"synapse": SynapseConfig(residue=True)}, {}),
    ({"synapse": SynapseConfig(rows_per_write=1, write_share=0.5)},
     {"rows_per_write": 1, "write_share": 0.5}),
    ({"transfer": TransferConfig(every=3, rows=1)},
     {"transfer_every": 3, "transfer_rows": 1, "transfer_writes": 2}),
    ({"replicas": 2, "fit": "larger"}, {"replicas": 2, "fit": "larger"}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "recorded"), VARIANTS)
def test_readings_broadcasts_and_writes_are_those_of_the_plan(changes, recorded):
    config = Config(task="parity", chips=1, windows=7, platform="rram_32nm", **changes)
    planned = plan(config)
    workload = planned.report.workload
    assert {name: getattr(workload, name) for name in recorded} == recorded
    steps, tau = planned.windows * planned.tau.update, planned.tau
    counts = planned.report.counts
    assert counts["readings"] == steps + planned.design.reference.readings(steps, tau.sample)
    broadcasts = steps if config.bus.broadcast == "timestep" else steps // tau.perturbation
    assert (counts["broadcasts"], counts["updates"]) == (broadcasts, planned.windows)
    assert counts["transfers"] == planned.windows // (config.transfer.every or planned.windows + 1)


def test_writes_are_priced_as_a_run_has_counted_them(run, capsys):
    """On a circuit that passes over cells; six weights of nine synapses lie in an array."""
    from neuromgd.cli.time import main

    line = ["--run", str(run.folder), "--platform", "rram_32nm", "--set", "energies.write=1 pJ"]
    written = []
    for more in ([], ["--set", "write.skips=cells"]):
        main([*line, *more, "--json"])
        facts = json.loads(capsys.readouterr().out)
        written.append(facts["joules_by_cause"]["write"])
    cells, pulses = 6 * 4, 2
    assert written[0] == pytest.approx(40 * cells * pulses * 1e-12)
    each = run.summary["writes_per_synapse"]
    assert 0 < each <= 40
    assert written[1] == pytest.approx(each * cells * pulses * 1e-12)
    assert facts["writes_as_counted"]


def test_the_score_of_a_run_is_drawn_against_what_it_takes_on_platforms(run, tmp_path, capsys):
    from neuromgd.cli.time import main

    path = tmp_path / "accuracy.svg"
    main(["--run", str(run.folder), "--compare", "rram_32nm,bench_pcie", "--accuracy", str(path)])
    capsys.readouterr()
    shown = path.read_text()
    assert all(f"<!-- {word} -->" in shown for word in
               ("rram_32nm", "bench_pcie", "energy [J]", "time on the hardware [s]"))  # fmt: skip


def test_copies_and_fit_are_said_in_a_file(tmp_path, capsys):
    from neuromgd.cli.time import main

    text = 'task = "digits"\nwindows = 2\nreplicas = 4\n[network]\nmodel = "cnn"\nhidden = [4]\n'
    (tmp_path / "run.toml").write_text(text.replace("windows", 'platform = "pcm_14nm"\nwindows'))
    main(["--config", str(tmp_path / "run.toml"), "--platform", "pcm_14nm", "--json"])
    facts = json.loads(capsys.readouterr().out)
    report = plan(from_file(tmp_path / "run.toml")).report
    assert (facts["ticks"], facts["workload"]["replicas"]) == (report.ticks, 4)
    main(["--config", str(tmp_path / "run.toml"), "--platform", "pcm_14nm", "--json",
          "--replicas", "1"])  # fmt: skip
    assert json.loads(capsys.readouterr().out)["ticks"] > report.ticks
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(InputError, match=r"replicas = 4.* without platform"):
        from_file(tmp_path / "run.toml")


@pytest.mark.slow
def test_a_run_of_a_network_of_ones_own_is_priced_afterwards(tmp_path, capsys):
    from neuromgd.cli.time import main

    config = msgspec.structs.replace(OWN, out=str(tmp_path / "own"))
    done = train(config, parts=Parts(network=Patches()))
    main(["--run", str(done.folder), "--platform", "rram_32nm", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert facts["seconds"] == done.summary["hardware_seconds"]
    assert facts["joules"] == done.summary["hardware_joules"]


def test_a_run_is_priced_before_it_runs(run, capsys):
    from neuromgd.cli.time import main

    main(["--config", str(run.folder / "config.toml"), "--platform", "rram_32nm", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["seconds"] == run.summary["hardware_seconds"]
    assert told["joules"] == run.summary["hardware_joules"]


def test_an_unknown_platform_is_refused():
    config = Config(task="parity", platform="abacus")
    with pytest.raises(InputError, match="no sheet 'abacus'"):
        plan(config)


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_every_named_network_is_priced_from_its_file(model, tmp_path, capsys):
    """The plan, the file and the trace tell one time, and count the parameters alike."""
    from neuromgd.cli.time import main

    (tmp_path / "run.toml").write_text(
        f'task = "mnist"\nwindows = 2\n[network]\nmodel = "{model}"\n'
    )
    config = from_file(tmp_path / "run.toml")
    report = plan(msgspec.structs.replace(config, platform="pcm_14nm")).report
    main(["--config", str(tmp_path / "run.toml"), "--platform", "pcm_14nm", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert (facts["ticks"], facts["joules"]) == (report.ticks, report.joules)
    network = plan(config).design.network
    leaves = jax.tree.leaves(jax.eval_shape(network.initialise, jax.random.key(0)))
    assert facts["synapses"] == sum(leaf.size for leaf in leaves)


# What the examples and the recipes train: task and hidden layers, and every network by name.
EXAMPLES = [("digits", {"hidden": (32,)}), ("digits", {}), ("mnist", {"hidden": (128, 64)}),
            ("mnist", {})]  # fmt: skip
EXAMPLES += [("mnist", {"model": name}) for name in NETWORKS if name != "perceptron"]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "network"), EXAMPLES)
def test_what_the_examples_train_is_priced_on_all_sheets_that_can_hold_it(
    task, network, tmp_path, capsys
):
    """Trained with a platform, the run is then priced on every other; only these are left out."""
    from neuromgd.cli.time import main

    config = Config(
        task=task, chips=1, windows=2, platform="pcm_14nm", out=str(tmp_path / "run"),
        network=NetworkConfig(**network),
    )  # fmt: skip
    done = train(config)
    main(["--run", str(done.folder), "--compare", "all", "--json"])
    rows = {row["platform"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(library.names("platforms"))
    own = rows["pcm_14nm"]
    assert own["seconds"] == done.summary["hardware_seconds"]
    assert own["joules"] == done.summary["hardware_joules"]
    reasons = {name: row["left_out"] for name, row in rows.items() if "left_out" in row}
    assert "times.read is unknown" in reasons.pop("loihi_mesh")
    assert all("arrays, " in reason for reason in reasons.values())
    assert len(rows) - len(reasons) > 14
