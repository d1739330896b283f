"""``neuromgd options``: searches names, units and meaning of all options."""

import textwrap

from neuromgd.errors import InputError
from neuromgd.nearest import suggestion
from neuromgd.options.catalogue import Option, catalogue
from neuromgd.shown import short

HELP = """usage: neuromgd options [WORD …]

Lists the options whose name, unit or meaning has all words in it, with their defaults; all of them
if no word is given. They are options of train, sweep, tolerate and gradient, and keys of a
configuration file: neuromgd options drift, neuromgd options bit, neuromgd options bus.delay"""

# The most used, for a short help.
COMMON = (
    "task", "network.hidden", "device.sheet", "platform", "chips", "batch", "windows", "epochs",
    "learning.rate", "learning.rule", "learning.mode", "synapse.code", "synapse.amplitude",
    "synapse.residue", "bus.cost_noise", "bus.delta_bits", "bus.reference", "ideal", "baseline",
    "seed", "out",
)  # fmt: skip
_WIDTH = 100


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd options``."""
    if any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    found = search(arguments)
    print("\n".join(line for option in found for line in lines(option)))


def search(words: list[str]) -> list[Option]:
    """Returns the options that have all words in name, unit or meaning.

    Raises:
        InputError: If there is none.
    """
    wanted = [word.lower().removeprefix("--").replace("-", "_") for word in words]
    text = lambda one: f"{one.name} {one.unit} {one.meaning.replace('-', '_')}".lower()
    found = [one for one in catalogue().values() if all(word in text(one) for word in wanted)]
    if not found:
        told = " ".join(words)
        raise InputError(
            f"options: none has {short(told)} in it{suggestion(wanted[0], catalogue())}"
        )
    return found


def lines(option: Option) -> list[str]:
    """Returns an option as lines of help."""
    flag = f"--{option.name.replace('_', '-')}"
    kind = "|".join(option.words) or ("" if option.kinds == {bool} else _kind(option))
    default = "" if option.default in (None, False) else f" (default {_plain(option.default)})"
    body = textwrap.wrap(f"{option.meaning}{default}", _WIDTH - 6)
    return [f"  {flag} {kind}".rstrip(), *(f"      {line}" for line in body)]


def short_help(command: str, own: list[tuple[str, str]]) -> str:
    """Returns the help of a command with the options that are used most.

    Args:
        command: Its name.
        own: (option, meaning) of those that are no key of a configuration file.
    """
    common = [line for name in COMMON for line in lines(catalogue()[name])]
    beside = [line for flag, text in own for line in (f"  {flag}", f"      {text}")]
    return "\n".join(
        [
            f"usage: neuromgd {command} [OPTIONS]", "",
            "Trains chips and writes a run folder. The options that are used most; --help-all tells"
            " the", f"other {len(catalogue()) - len(COMMON)}, and neuromgd options WORD searches"
            " them:", "", *common, *beside,
        ]
    )  # fmt: skip


def _kind(option: Option) -> str:
    names = {int: "INT", float: "FLOAT", str: "TEXT", tuple: "128,64"}
    return next((name for kind, name in names.items() if kind in option.kinds), "")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
