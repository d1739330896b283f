"""``neuromgd complete``: what may stand where the cursor is, for the completion of a shell."""

import os

from neuromgd.names import COMMANDS
from neuromgd.options.axes import ALIASES
from neuromgd.options.catalogue import catalogue
from neuromgd.sheets import library

HELP = """usage: complete -C 'neuromgd complete' neuromgd

Put this line into ~/.bashrc; into ~/.zshrc below autoload -U +X bashcompinit && bashcompinit. The
shell then asks this command for commands, options, and the words and sheets that options take."""

# Commands that take the options of a run.
TRAIN = ("train", "sweep", "gradient", "tolerate", "explore")
# Options that a sheet follows, and of which kind.
SHEETS = {"device.sheet": "devices", "platform": "platforms"}
OWN = {
    "train": ("config", "resume", "overwrite", "json", "tensorboard", "help"),
    "sweep": ("over", "with", "design", "points", "target", "resume", "overwrite", "json", "help"),
    "report": ("out", "title", "no-estimates", "help"),
}
VERBS = {
    "devices": ("list", "show", "check", "plot", "fit", "recipe"),
    "platforms": ("list", "show", "check"),
    "runs": ("list", "compare", "evaluate", "export"),
}


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd complete``."""
    line = os.environ.get("COMP_LINE")
    if line is None or any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    point = os.environ.get("COMP_POINT", "")
    before = line.encode()[: int(point)].decode(errors="ignore") if point.isdecimal() else line
    for one in candidates(before):
        print(one)


def candidates(line: str) -> list[str]:
    """Returns what the last word of a line may become; []: a file, or anything.

    Args:
        line: As far as it is typed.

    Example:
        >>> candidates("neuromgd tra")
        ['train']
    """
    *words, last = line.split(" ")
    words = [word for word in words[1:] if word]
    if not words:
        return _that_begin(last, COMMANDS)
    command, before = words[0], words[-1]
    if command in VERBS and len(words) == 1:
        return _that_begin(last, VERBS[command])
    if before in ("show", "plot", "recipe") and command in ("devices", "platforms"):
        return _that_begin(last, library.names(command))
    if command in TRAIN and before.startswith("--") and not last.startswith("-"):
        return _that_begin(last, _values(before))
    if not last.startswith("-"):
        return []
    flags = [*OWN.get(command, ("help",)), *(_flags() if command in TRAIN else ())]
    return _that_begin(last, [f"--{flag}" for flag in flags])


def _values(flag: str) -> tuple[str, ...] | list[str]:
    name = flag.removeprefix("--").replace("-", "_")
    name = ALIASES.get(name, name)
    if name in SHEETS:
        return library.names(SHEETS[name])
    option = catalogue().get(name)
    return () if option is None else option.words


def _flags() -> list[str]:
    return [name.replace("_", "-") for name in (*ALIASES, *catalogue())]


def _that_begin(start: str, names) -> list[str]:
    return [name for name in names if name.startswith(start)]
