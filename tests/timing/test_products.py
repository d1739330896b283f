"""Convolutions, recurrence, copies: the clock against every product as an event of its own."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.cli.time import main as time_command
from neuromgd.errors import InputError
from neuromgd.phases import Phase
from neuromgd.sheets.platform import build
from neuromgd.timing import Workload, load, time_run
from neuromgd.timing.hardware import Hardware
from neuromgd.timing.layout import lay_out
from neuromgd.timing.part import simple
from neuromgd.timing.products import Loop, Matrix, Product, Products, Stage, dense
from neuromgd.timing.program import Schedule
from neuromgd.timing.schedules import program
from neuromgd.timing.told import told
from neuromgd.timing.traces.intervals import simulate, table
from tests.oracles import pass_events

ENTRY = {"unit": "ps", "basis": "assumed", "spans": "test", "source": "test"}
TIMES = ("split_add", "activation", "cost", "subtract", "broadcast", "accumulate", "load",
         "perturb", "write", "read", "convert")  # fmt: skip


@st.composite
def sheets(draw):
    sheet = {name: draw(st.integers(0 if name not in ("read", "cost") else 1, 90))
             for name in TIMES}  # fmt: skip
    sheet |= {"form": draw(st.sampled_from(["single", "bit_serial"]))}
    sheet |= {name: draw(st.integers(2, 30)) for name in ("rows", "columns")}
    sheet |= {"write_mode": draw(st.sampled_from(["transfer", "row_parallel"]))}
    sheet |= {"count": draw(st.none() | st.integers(1, 40))}
    return sheet | {name: draw(st.integers(1, 3)) for name in
                    ("slices", "adcs", "rows_per_weight", "columns_per_weight")}  # fmt: skip


@st.composite
def networks(draw):
    """Loops of stages of products; some matrices are used in several places."""
    matrices = draw(
        st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 2)),
                 min_size=1, max_size=5)
    )  # fmt: skip
    numbers = list(range(len(matrices)))
    stage = st.lists(st.sampled_from(numbers), min_size=1, max_size=2, unique=True)
    loops = [
        {"turns": draw(st.integers(1, 6)),
         "stages": [[(m, draw(st.integers(1, 7))) for m in draw(stage)]
                    for _ in range(draw(st.integers(1, 3)))]}
        for _ in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    used = sorted({m for loop in loops for one in loop["stages"] for m, _ in one})
    for loop in loops:
        loop["stages"] = [[(used.index(m), c) for m, c in one] for one in loop["stages"]]
    return {"matrices": [matrices[m] for m in used], "loops": loops}


def platform(sheet):
    array = {name: sheet[name] for name in
             ("form", "rows", "columns", "rows_per_weight", "columns_per_weight")}  # fmt: skip
    if sheet["form"] == "bit_serial":
        array |= {name: sheet[name] for name in ("slices", "adcs")}
    if sheet["count"] is not None:
        array["count"] = sheet["count"]
    source = {"basis": "assumed", "source": "test"}
    return build(Path("test"), {
        "name": "test", "title": "test", "not_modelled": [], "tick": "1 ps",
        "array": array | source,
        "times": {name: ENTRY | {"value": sheet[name]} for name in TIMES},
        "broadcast": {"topology": "direct", "word_bits": 8, **source},
        "write": {"mode": sheet["write_mode"], **source},
    })  # fmt: skip


def products(network):
    return Products(
        matrices=tuple(Matrix(*one) for one in network["matrices"]),
        loops=tuple(
            Loop(tuple(Stage(tuple(Product(*one) for one in stage)) for stage in loop["stages"]),
                 loop["turns"])
            for loop in network["loops"]
        ),
        inputs=3, outputs=2, parameters=7,
    )  # fmt: skip


RUN = {"steps": 13, "tau_sample": 2, "tau_perturbation": 2, "tau_update": 4}


@given(sheets(), networks(), st.integers(1, 4))
@settings(max_examples=30)
def test_a_run_takes_what_its_single_products_take(sheet, network, replicas):
    check_run(sheet, network, replicas)


@pytest.mark.slow
@given(sheets(), networks(), st.integers(1, 4))
@settings(max_examples=200)
def test_two_hundred_runs_take_what_their_single_products_take(sheet, network, replicas):
    check_run(sheet, network, replicas)


def check_run(sheet, network, replicas):
    """Arrays are used in turn, and written for it, where the chip has too few of them."""
    workload = Workload(network=products(network), replicas=replicas, fit="reload", **RUN)
    if pass_events.in_turns(sheet, network, replicas) is None:
        with pytest.raises(InputError, match="but what is in use at one time needs"):
            time_run(platform(sheet), workload)
        return
    report = time_run(platform(sheet), workload)
    assert report.ticks == pass_events.two_pass(sheet, network, replicas, RUN)
    assert report.arrays == pass_events.arrays(sheet, network, replicas)
    assert all(line.busy >= 0 and line.idle >= 0 for line in report.ledger.values())


@given(sheets(), networks(), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=30)
def test_samples_follow_each_other_through_arrays_that_are_used_again(
    sheet, network, replicas, registers
):
    """Passes wait for arrays alone: the loops as first, last and all other turns are exact."""
    steps = 6
    sheet = sheet | {"perturb": 0, "load": 0, "subtract": 0, "broadcast": 0, "accumulate": 0}
    workload = Workload(
        network=products(network), replicas=replicas, steps=steps, tau_update=6, fit="larger"
    )
    laid_out = lay_out(platform(sheet), workload)
    hardware = Hardware(
        forward=laid_out.forward, feedback=(simple("broadcast", Phase.BROADCAST, 0),)
    )
    shown = program(hardware, workload, Schedule("pipelined", registers + steps))
    ends = [one.end for one in table(simulate(shown, steps)) if one.part == "cost"]
    assert sorted(ends) == pass_events.passes(
        sheet, network, replicas, [0] * (2 * steps), sheet["cost"]
    )


@given(sheets(), networks())
@settings(max_examples=20)
def test_energy_and_work_count_every_use(sheet, network):
    made = platform(sheet | {"form": "single"})
    priced = msgspec.structs.replace(made, energies={
        "read": load("pcm_14nm").energies["read"],
    })  # fmt: skip
    workload = Workload(network=products(network), replicas=2, steps=5, fit="larger")
    reads = sum(
        loop["turns"] * calls
        * -(-rows * sheet["rows_per_weight"] // sheet["rows"])
        * -(-columns * sheet["columns_per_weight"] // sheet["columns"]) * apart
        for loop in network["loops"] for stage in loop["stages"] for matrix, calls in stage
        for rows, columns, apart in (network["matrices"][matrix],)
    )  # fmt: skip
    report = time_run(priced, workload)
    spent = report.energy.by(0)["read"]
    assert spent == 2 * 5 * reads * load("pcm_14nm").energies["read"].exact()
    arrays = sum(line.busy for name, line in report.ledger.items() if name.startswith("layer"))
    assert (
        arrays
        + sum(line.busy for name, line in report.ledger.items() if not name.startswith("layer"))
        == report.ticks
    )


def test_dense_layers_are_products_used_once():
    sizes, report = (20, 10, 5), {}
    for key, how in (("layers", {"layers": sizes}), ("network", {"network": dense(sizes)})):
        report[key] = time_run(load("rram_32nm"), Workload(steps=1000, tau_update=10, **how))
    assert report["layers"].ticks == report["network"].ticks
    assert report["layers"].energy == report["network"].energy


def test_what_a_line_tells():
    found = told("28x28x1,conv:16x3/2,pool:2,conv:8x3:valid,10")
    assert [(one.rows, one.columns) for one in found.matrices] == [(9, 16), (144, 8), (200, 10)]
    assert [stage.products[0].calls for stage, _ in found.stages] == [196, 25, 1]
    assert found.parameters == 10 * 16 + 145 * 8 + 201 * 10
    assert told("28x28,lstm:64,10").loops[0].turns == 28
    assert told("784,128,10") == (784, 128, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("28x28x1,conv:16", "read 'conv:16'"),
        ("784,conv:16x3", "conv after a picture"),
        ("28x28x1,rnn:5", "rnn after a sequence"),
        ("28x28x1,pool:40", "pool:1 to 28"),
        ("4x4x1,conv:3x5:valid,10", "a kernel of 4 at most"),
        ("28x28x1", "inputs and one layer"),
        ("5,fft:3", "allowed are UNITS, conv"),
        ("28x28x1x1,10", "read '28x28x1x1'"),
    ],
)
def test_a_line_that_tells_nothing_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        told(text)


@given(st.text("0123456789x,:/convrnpoltsgu valid.-", max_size=30))
@settings(max_examples=50)
def test_any_line_is_read_or_refused(text):
    try:
        read = told(text)
        Workload(**{"network" if isinstance(read, Products) else "layers": read}, steps=1)
    except InputError:
        pass


@pytest.mark.slow
def test_the_command_times_convolutions_on_copies(capsys):
    line = ("--platform", "pcm_14nm", "--steps", "1e6", "--json", "--layers")
    seconds = []
    for more in ((), ("--replicas", "14"), ("--schedule", "pipelined")):
        time_command([*line, "28x28x1,conv:16x3,pool:2,conv:32x3,10", *more])
        facts = json.loads(capsys.readouterr().out)
        seconds.append(facts["seconds"])
    assert seconds[1] < seconds[0] / 8
    assert seconds[2] < seconds[0]


@given(sheets(), networks(), st.integers(1, 4))
@settings(max_examples=30)
def test_samples_that_are_only_answered_follow_each_other(sheet, network, registers):
    """A sample enters once the one so many before is out; it waits for cells alone."""
    sheet, steps = sheet | {"load": 0}, 7
    workload = Workload(network=products(network), steps=steps, fit="larger")
    report = time_run(platform(sheet), workload, Schedule("inference", registers))
    out = []
    for number in range(steps):
        starts = [0 if n < registers else out[n - registers] for n in range(number + 1)]
        out.append(pass_events.passes(sheet, network, 1, starts, 0)[-1])
    assert report.ticks == out[-1]
    assert report.counts == {
        "readings": steps, "loads": steps, "perturbations": 0, "broadcasts": 0, "updates": 0,
        "transfers": 0,
    }  # fmt: skip
    assert report.absent == ()


@pytest.mark.parametrize("registers", [1, 9])
def test_inference_is_what_its_formula_says(registers):
    steps, sheet = 20, load("docs/example_platform.toml")
    report = time_run(
        sheet, Workload(layers=(8, 8, 8, 4), steps=steps), Schedule("inference", registers)
    )
    parts = [part.ticks for part in report.hardware.forward if part.name != "cost"]
    into = report.hardware.load.ticks
    expected = {
        1: steps * (into + sum(parts)), 9: into + sum(parts) + (steps - 1) * max(into, *parts),
    }  # fmt: skip
    assert report.ticks == expected[registers]
