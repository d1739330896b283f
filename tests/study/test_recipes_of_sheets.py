"""Every published cell has a recipe by which chips of it learn MNIST, as well as docs tell."""

import json
import runpy
from pathlib import Path

import msgspec
import pytest

from neuromgd.cli.train import config_of, read
from neuromgd.options.read import checked, from_file
from neuromgd.sheets import library
from neuromgd.study.train import train
from tests.statistics import assert_mean_as_told

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "hardware_models" / "recipes"
SHEETS = [name for name in library.names("devices") if name != "ideal_fp"]
FOUND = json.loads((ROOT / "docs" / "recipes.json").read_text(encoding="utf-8"))["sheets"]
MADE = runpy.run_path(str(ROOT / "docs" / "recipe_tables.py"))


def test_every_sheet_has_a_recipe_and_every_recipe_a_sheet():
    rules = {"kicked_neurons", "mixed_kicks", "kicked_weights"}
    assert {path.stem for path in RECIPES.glob("*.toml")} == {*SHEETS, *rules}


def command(arguments):
    return config_of(read(arguments), arguments)


def test_a_recipe_is_found_by_its_name(tmp_path, monkeypatch):
    given = command(["--config", "pcm_kuzum2011", "--chips", "2"])
    told = from_file(RECIPES / "pcm_kuzum2011.toml")
    assert (given.device, given.synapse, given.chips) == (told.device, told.synapse, 2)
    whole = command(["--config", "kicked_neurons", "--ideal"])
    assert whole.learning.mode == "node"
    assert whole.bus.cost_noise is None
    assert command(["--config", "kicked_neurons"]).bus.cost_noise == 1e-3
    # A file of that name is nearer.
    monkeypatch.chdir(tmp_path)
    Path("pcm_kuzum2011").write_text("chips = 3", encoding="utf-8")
    assert command(["--config", "pcm_kuzum2011"]).chips == 3


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_recipe_is_the_best_point_of_its_grid_and_names_its_circuit(sheet):
    config = checked(from_file(RECIPES / f"{sheet}.toml"))
    rate, threshold, *_ = max(FOUND[sheet]["grid"], key=lambda point: point[2])
    assert config.device.sheet == sheet
    assert config.learning.rate == pytest.approx(rate, rel=1e-3)
    assert config.device.write_threshold == pytest.approx(threshold, rel=1e-3)
    assert config.synapse.residue
    assert config.synapse.residue_bits == 8
    assert config.synapse.residue_range == pytest.approx(2 * threshold, rel=1e-3)
    # The default noise of bus and circuit is there.
    assert not config.ideal
    assert config.bus.cost_noise
    assert config.bus.delta_bits
    # The budget of the table: 1,000 windows of 128 kicks.
    assert (config.windows, config.tau_update, config.tau_perturbation) == (1000, 128, 1)


def test_the_tables_of_docs_are_what_was_measured():
    page = MADE["PAGE"].read_text(encoding="utf-8")
    assert MADE["page"](page) == page, "run: python docs/recipe_tables.py"


def test_cells_learn_within_reach_of_an_ideal_one():
    ideal = max(accuracy for _, accuracy, _ in json.loads(
        (ROOT / "docs" / "recipes.json").read_text(encoding="utf-8"))["ideal"])  # fmt: skip
    reached = [ideal, *(FOUND[sheet]["recipe"]["accuracy"] for sheet in SHEETS)]
    assert sum(one >= ideal - 0.10 for one in reached) >= 26
    assert sum(one >= ideal - 0.05 for one in reached) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_recipe_reaches_what_is_told(sheet, tmp_path):
    """Eight chips of this machine against the eight of another."""
    config = from_file(RECIPES / f"{sheet}.toml")
    told = FOUND[sheet]["recipe"]
    # A look at the test set is worth ten windows; the last one is enough.
    once = {"log_every": config.windows, "out": str(tmp_path / "run")}
    done = train(msgspec.structs.replace(config, **once))
    reached = done.history[-1].score_per_chip
    assert_mean_as_told(reached, told["accuracy"], told["std"], len(reached))
