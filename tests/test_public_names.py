"""The public names: what type checkers see is what a user gets, and the import stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import neuromgd


def test_the_two_lists_of_names_are_equal():
    tree = ast.parse(Path(neuromgd.__file__).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: str(node.module).removeprefix("neuromgd.")
        + (f":{alias.name}" if alias.name != alias.asname else "")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == neuromgd._HOMES


def test_every_public_name_is_there():
    for name in neuromgd._HOMES:
        assert getattr(neuromgd, name) is not None


def test_no_public_name_is_that_of_a_room():
    # A room that was imported would stand in place of the name.
    rooms = {path.stem for path in Path(neuromgd.__file__).parent.iterdir()}
    assert not rooms & neuromgd._HOMES.keys()


def test_help_imports_neither_jax_nor_matplotlib():
    code = (
        "import sys; sys.argv[1:] = ['--help']; import neuromgd.cli.main as m; m.main();"
        "heavy = {'jax', 'matplotlib', 'flax'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
