"""``neuromgd tolerate``: how bad a number may be before too few chips reach a target."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType

from neuromgd.cli.result import as_table
from neuromgd.cli.searching import Given, Search, search
from neuromgd.cli.sweep import number
from neuromgd.errors import InputError
from neuromgd.options.catalogue import catalogue
from neuromgd.options.config import Config
from neuromgd.options.searches import TOLERANCE
from neuromgd.options.tolerance import Tolerance, called, ends_of
from neuromgd.shown import printable, short

if TYPE_CHECKING:
    from neuromgd.study.tolerate import Card

HELP = """usage: neuromgd tolerate NUMBER [NUMBER …] --target T [--yield Q] [train options]

Finds how bad each of some numbers may be, the others as they are: the largest value (of bits and
the like the smallest) at which at least a share Q of all chips reaches T, by bisection over
ensembles of chips, with its 95 % interval; and orders them by how soon each breaks the design.

  neuromgd tolerate bus.cost_noise bus.delta_bits bus.drop_rate --target 0.85
  neuromgd tolerate sheet --device reram_es_gong2018 --target 0.8      # all of its cell's
  neuromgd tolerate device.write_noise=log:1e-3:1 --target 85%         # from harmless to harmful

  --target T     what a chip is to reach
  --yield Q      share of chips that are to reach it (0.5)
  --rounds N     of the search (3)
  --places N     values that are tried side by side in a round (6), of --chips chips each
  --paired       searches every pair as well: what share of both thresholds is tolerable together
  --json         prints the summary and nothing else

neuromgd tolerate --resume FOLDER goes on with an interrupted search.
neuromgd train --help tells the other options."""

OWN = ("target", "yield", "rounds", "places")


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd tolerate``."""
    if not arguments or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    numbers, given, rest = split(arguments)
    own = Given(bool(numbers or given), lambda: asked(numbers, given), rest)
    search(own, _loaded, TOLERANCE)


def _loaded() -> Search:
    from neuromgd.study.tolerate import tolerate

    return Search(TOLERANCE, tolerate, draw, tell)


def split(arguments: list[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """Returns the numbers that are asked about, the options of the search, and all others."""
    numbers: list[str] = []
    given: dict[str, str] = {}
    waiting = list(arguments)
    while waiting and not waiting[0].startswith("-"):
        numbers.append(waiting.pop(0))
    rest: list[str] = []
    every = iter(waiting)
    for argument in every:
        name, equals, value = argument.removeprefix("--").partition("=")
        if argument == "--paired":
            given["paired"] = "yes"
        elif argument.startswith("--") and name in OWN:
            said = value if equals else next(every, None)
            if said is None:
                raise InputError(f"option {name}: expected a number")
            given[name] = said
        elif _is_number(argument):
            numbers.append(argument)
        else:
            rest.append(argument)
    return numbers, given, rest


def _is_number(argument: str) -> bool:
    """Tells whether a word behind options asks about a number: no value of an option is a name."""
    name, equals, _ = argument.partition("=")
    return ("." in name or bool(equals)) and name.replace("-", "_") in catalogue()


def asked(numbers: list[str], given: dict[str, str]) -> Tolerance:
    """Returns what is asked.

    Raises:
        InputError: If something is missing, or cannot be read.
    """
    if "target" not in given:
        raise InputError("option target: what is a chip to reach? For instance --target 0.85")
    counts = {}
    for name, usual in (("rounds", 3), ("places", 6)):
        text = given.get(name, str(usual))
        if not text.isdigit() or not 0 < int(text[:4]) < 1000:
            raise InputError(f"option {name} = {short(text)}: expected a whole number")
        counts[name] = int(text)
    return Tolerance(
        numbers=numbers, target=number("target", given["target"]),
        share=number("yield", given.get("yield", "0.5")), is_paired="paired" in given, **counts,
    )  # fmt: skip


def draw(card: "Card", config: Config) -> Path:
    """Draws a card into its folder and returns the file."""
    from neuromgd.plots.tolerate import tolerate  # matplotlib is imported here, not for --help

    figures = card.folder / "figures"
    figures.mkdir(exist_ok=True)
    path, names = figures / "tolerate.png", [row["number"] for row in card.rows]
    tolerate(
        card.rows, ends_of(config, card.wanted, names), {name: called(name) for name in names},
        f"{config.task}, {told(card)}", path,
    )  # fmt: skip
    return path


def told(card: "Card") -> str:
    """Returns what is tolerable, in words."""
    from neuromgd.data.metrics import METRICS  # JAX is imported here, not for --help

    return card.wanted.told(METRICS[card.summary["metric"]])


def tell(card: "Card", config: Config) -> Iterator[RenderableType]:
    """Yields the card, and what of it has no number."""
    from neuromgd.plots.page.many_tables import card as table

    del config
    yield as_table(table(card.rows, {row["number"]: called(row["number"]) for row in card.rows}))
    yield told(card)
    for row in card.rows:
        if row["verdict"] and row["tolerable"] is None:
            yield printable(f"note: {row['number']}: {row['verdict']}")
