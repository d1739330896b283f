"""``neuromgd tolerate``: how bad a number may be before too few chips reach a target."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from neuromgd.cli.distributed import offering_to_resume
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.sweep import number
from neuromgd.cli.train import LENGTHS, Options, in_folder, read, refuse_changes
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.axes import label
from neuromgd.options.catalogue import catalogue
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.options.tolerance import TOGETHER, Tolerance, paths
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
    options = read(rest, "tolerate")
    if options.distributed:
        raise InputError("option distributed: a search runs in one process")
    if options.resume is not None:
        config, wanted = _begun(options, numbers, given, rest)
    else:
        config, wanted = _new(options), asked(numbers, given)
    use_cores()
    with (
        in_folder(config, options) as config,
        offering_to_resume("tolerate", Path(str(config.out))),
    ):
        show(config, wanted, options)


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
            told = value if equals else next(every, None)
            if told is None:
                raise InputError(f"option {name}: expected a number")
            given[name] = told
        else:
            rest.append(argument)
    return numbers, given, rest


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


def _new(options: Options) -> Config:
    config = Config(**{name: getattr(options, name) for name in Config.__struct_fields__})
    checked(config, "option", is_whole=False)
    return config


def _begun(
    options: Options, numbers: list[str], given: dict[str, str], rest: list[str]
) -> tuple[Config, Tolerance]:
    from neuromgd.study.tolerate import begun

    if numbers or given or any(getattr(options, name) for name in LENGTHS):
        raise InputError("option resume: a search goes on as it began")
    refuse_changes(rest)
    return begun(Path(str(options.resume)))


def show(config: Config, wanted: Tolerance, options: Options) -> None:
    """Searches, and prints the card."""
    from neuromgd.data.metrics import METRICS  # JAX is imported here, not for --help
    from neuromgd.study.tolerate import tolerate

    console = Console(stderr=True, quiet=options.json)
    with console.status("loading and compiling") as status:

        def watch(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text, highlight=False)

        card = tolerate(
            config, wanted, watch, options.resume is not None, may_overwrite=options.overwrite
        )
    metric = METRICS[card.summary["metric"]]
    told = (
        f"tolerable: at least {100 * wanted.share:g} % of chips reach"
        f" {metric.tell(wanted.target)} in {metric.title}"
    )
    with telling_of_figures(card.folder):
        draw(card, config, f"{config.task}, {told}")
    if options.json:
        print((card.folder / "summary.json").read_text(), end="")
        return
    console = Console()
    console.print(table(card))
    print(told)
    for row in card.rows:
        if row["verdict"] and row["tolerable"] is None:
            print(printable(f"note: {row['number']}: {row['verdict']}"))
    print(f"written to {card.folder}")


def draw(card: "Card", config: Config, title: str) -> Path:
    """Draws a card into its folder and returns the file."""
    from neuromgd.plots.tolerate import tolerate  # matplotlib is imported here, not for --help

    figures = card.folder / "figures"
    figures.mkdir(exist_ok=True)
    path, ends = figures / "tolerate.png", {}
    for one in paths(config, card.wanted):
        span = one.spans[0][1]
        ends[one.name] = (span.low, span.high, span.is_log)
    ends |= {row["number"]: tuple(TOGETHER) for row in card.rows if row["number"] not in ends}
    labels = {name: label(name) if name in catalogue() else f"{name} [share of both thresholds]"
              for name in ends}  # fmt: skip
    tolerate(card.rows, ends, labels, title, path)
    return path


def table(card: "Card") -> Table:
    """Returns a row for every number, what breaks the design first on top."""
    result = Table(title="how bad each may be, the others as they are")
    for name in ("number", "today", "tolerable", "95 % interval", "margin"):
        result.add_column(name, justify="left" if name == "number" else "right")
    for row in card.rows:
        ends = f"{_told(row['low'], '<')} to {_told(row['high'], '>')}"
        margin = "" if row["margin"] is None else f"{row['margin']:.3g}×"
        shown = label(row["number"]) if row["number"] in catalogue() else row["number"]
        result.add_row(shown, _told(row["today"], "–"), _told(row["tolerable"], "–"), ends, margin)
    return result


def _told(value: float | None, absent: str) -> str:
    return absent if value is None else f"{value:.3g}"
