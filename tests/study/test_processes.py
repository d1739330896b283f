"""Many devices and processes give the numbers of one, and a process that is lost is told of."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from neuromgd.cli.main import main
from neuromgd.cli.train import resumed
from neuromgd.data.metrics import METRICS
from neuromgd.errors import DivergedError, InputError, LostProcessError
from neuromgd.fleet import processes
from neuromgd.fleet.layout import CELLS, MEMBERS, Layout
from neuromgd.options.config import Config
from neuromgd.options.grid import Design, kept, to_text
from neuromgd.options.read import settled
from neuromgd.study.record import RunFolder

# Cells without pulses, which turn the last bit of a sum into a whole step, and few windows, since
# learning makes small differences large.
SWEEP = ["sweep", "--over", "bus.cost_noise=1e-4,1e-2", "--ideal", "--task", "parity"]
SWEEP += ["--chips", "3", "--learning.schedule", "constant", "--log-every", "50"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


def start(cache, arguments, devices=1, **told):
    """Starts ``neuromgd`` in a process that sees some devices, and what its environment tells."""
    inherited = {k: v for k, v in os.environ.items() if k != "JAX_NUM_CPU_DEVICES"}
    flags = os.environ.get("XLA_FLAGS", "")  # slow tests run without any
    environment = inherited | {
        "XLA_FLAGS": f"{flags} --xla_force_host_platform_device_count={devices}",
        "JAX_PLATFORMS": "cpu",
        "NEUROMGD_CACHE": str(cache),
    } | told  # fmt: skip
    command = [sys.executable, "-c", "from neuromgd.cli.main import main; main()", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def start_two(cache, arguments, devices=1):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    together = ["--distributed", "--coordinator", f"127.0.0.1:{port}", "--processes", "2"]
    return [
        start(cache, [*arguments, *together, "--process", str(number)], devices)
        for number in (0, 1)
    ]


def start_two_by_slurm(cache, arguments, devices=1):
    """Starts two tasks of one step, as far as their environment tells."""
    step = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_NTASKS": "2", "SLURM_STEP_NUM_NODES": "1"}
    step["SLURM_STEP_NODELIST"] = "localhost"
    return [
        start(
            cache, [*arguments, "--distributed"], devices,
            **step, SLURM_PROCID=number, SLURM_LOCALID=number,
        )
        for number in "01"
    ]  # fmt: skip


def ended(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, out + err
    return out


def checkpoints(folder):
    return [int(path.name) for path in folder.glob("checkpoints/*") if path.name.isdigit()]


def costs(folder):
    rows = pq.read_table(Path(folder) / "history.parquet").to_pylist()
    return np.asarray([row["cost_per_chip"] for row in rows])


@pytest.fixture(scope="module")
def whole(cache, tmp_path_factory):
    """The sweep on one device: its costs at windows 50 and 100."""
    out = tmp_path_factory.mktemp("whole")
    ended(start(cache, [*SWEEP, "--windows", "100", "--out", str(out)]))
    return costs(out)


@pytest.mark.slow
def test_eight_devices_give_the_numbers_of_one(cache, tmp_path, whole):
    # Six members leave two of the eight places spare.
    ended(start(cache, [*SWEEP, "--windows", "100", "--out", str(tmp_path)], devices=8))
    np.testing.assert_allclose(costs(tmp_path), whole, rtol=1e-4)
    table = pq.read_table(tmp_path / "sweep.parquet").to_pylist()
    assert [row["chip"] for row in table] == [0, 1, 2, 0, 1, 2]


@pytest.mark.slow
def test_a_lost_process_ends_the_other_and_resume_goes_on(cache, tmp_path, whole):
    out = tmp_path / "run"
    first, second = start_two(cache, [*SWEEP, "--windows", "4000000", "--out", str(out)])
    deadline = time.monotonic() + 120
    while max(checkpoints(out), default=0) < 100 and time.monotonic() < deadline:
        time.sleep(0.1)
    second.kill()
    _, told = first.communicate(timeout=60)
    second.communicate()
    assert first.returncode == 1
    assert "another process is lost" in told
    assert f"neuromgd sweep --resume {out}" in told

    kept = max(checkpoints(out))
    alone = shutil.copytree(out, tmp_path / "alone")
    longer = ["--windows", str(kept + 50)]
    two = start_two(cache, ["sweep", "--resume", str(out), *longer])
    printed, nothing = (ended(process) for process in two)
    assert "written to" in printed
    assert not nothing
    ended(start(cache, ["sweep", "--resume", str(alone), *longer]))
    assert len(costs(out)) == -(-(kept + 50) // 50)
    np.testing.assert_allclose(costs(out)[:2], whole, rtol=1e-4)
    np.testing.assert_allclose(costs(out)[-1], costs(alone)[-1], rtol=1e-4)


@pytest.mark.slow
def test_a_chip_cut_over_two_processes_is_the_chip_of_one(cache, tmp_path):
    options = ["train", "--ideal", "--chips", "1", "--windows", "6", "--log-every", "2"]
    options += ["--hidden", "64,32"]
    ended(start(cache, [*options, "--out", str(tmp_path / "one")]))
    cut = [*options, "--shard-arrays", "--out", str(tmp_path / "two")]
    for process in start_two_by_slurm(cache, cut, devices=2):
        ended(process)
    np.testing.assert_allclose(costs(tmp_path / "two"), costs(tmp_path / "one"), rtol=1e-5)


@pytest.mark.parametrize("members", [1, 2, 7, 8, 9])
def test_every_device_has_as_many_places(members):
    mesh = type("Mesh", (), {"size": 4, "axis_names": (MEMBERS,)})()
    places = Layout(1, mesh).places(members)
    assert places % 4 == 0
    assert members <= places < members + 4
    mesh.axis_names = (CELLS,)
    assert Layout(1, mesh).places(members) == Layout().places(members) == members


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("UNKNOWN: Gloo AllGather failed: Connection closed by peer"), LostProcessError),
        (RuntimeError("NCCL operation failed"), LostProcessError),
        (ValueError("vmap got inconsistent sizes"), ValueError),
        (InputError("--coordinator: no connection"), InputError),
        (DivergedError("gloo"), DivergedError),
    ],
)
def test_only_a_broken_exchange_is_a_lost_process(error, expected, monkeypatch):
    monkeypatch.setattr(processes, "has_joined", lambda: True)
    with pytest.raises(expected) as told, processes.telling_of_losses():
        raise error
    assert type(told.value) is expected
    monkeypatch.setattr(processes, "has_joined", lambda: False)
    with pytest.raises(type(error)), processes.telling_of_losses():
        raise error


@pytest.mark.slow
def test_processes_that_cannot_meet_are_told_how(cache):
    process = start(cache, ["train", "--distributed"])
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--coordinator HOST:PORT" in told
    process = start(cache, ["train", "--process", "1"])
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "without --distributed" in told


def test_a_run_goes_on_with_its_own_command(tmp_path, monkeypatch, capsys):
    design = Design(over=["bus.cost_noise=0,1"])
    given = to_text(design, Config(task="parity"))
    RunFolder(settled(Config(out=str(tmp_path))), given, METRICS["accuracy"]).begin()
    assert kept(tmp_path) == (design, Config(task="parity"))
    with pytest.raises(InputError, match="neuromgd sweep --resume"):
        resumed(tmp_path, Config())
    RunFolder(settled(Config(out=str(tmp_path))), "", METRICS["accuracy"]).begin()
    monkeypatch.setattr("sys.argv", ["neuromgd", "sweep", "--resume", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "neuromgd train --resume" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"sweep\.toml"):
        kept(tmp_path)
