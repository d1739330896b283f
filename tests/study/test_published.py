"""Published figures of learning: every entry runs as it stands, and says what is compared."""

import json

import jax
import pytest

from neuromgd.cli.reproduce import main
from neuromgd.options.read import checked
from neuromgd.study.published import MEASURES, configuration, published, reproduce
from neuromgd.timing.targets import TARGETS


@pytest.fixture(autouse=True)
def _optax_counts_in_integers():
    """Adam of optax takes a power of a float with them."""
    with jax.numpy_dtype_promotion("standard"):
        yield


@pytest.mark.parametrize("target", published())
def test_an_entry_is_a_run_and_tells_what_it_is_held_against(target):
    facts, config = published()[target], configuration(target)
    assert checked(config).windows == config.windows
    assert facts["measure"] in MEASURES
    told = {"title", "kind", "independence", "tolerance", "source", "unit", "theirs", "note"}
    assert told <= facts.keys()
    assert target not in TARGETS


def test_the_list_names_them(capsys):
    main(["list"])
    shown = capsys.readouterr().out
    assert all(f"{name:<4} {facts['title']}" in shown for name, facts in published().items())


@pytest.mark.slow
@pytest.mark.parametrize("target", ["L1", "L2"])
def test_what_was_published_is_reached(target):
    assert reproduce(target).holds


@pytest.mark.slow
def test_the_command_tells_ours_theirs_and_the_ratio(capsys):
    main(["L2", "--json"])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["ratio"] == pytest.approx(told["ours"] / told["theirs"])
    assert told["holds"]
