"""``neuromgd report``: runs, sweeps, searches and estimates as one page without a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.console import Console

from neuromgd import __version__, disk
from neuromgd.cli.files import reason, writable
from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.shown import printable, short

if TYPE_CHECKING:
    from neuromgd.plan.plan import Parts

NAME = "report.html"
# Stands near the beginning of every page that was written here, and of few others.
_MARK = b'<meta name="generator" content="neuromgd">'


@dataclass
class Options:
    """Writes one self-contained page of HTML about runs, sweeps, searches and followed estimates.

    What was run, how it learnt, what chips answer, hold, hear and estimate, what they take, what
    limits them and what to change first; several runs are compared. It needs no network and no
    script, in light and dark, on a desk and a telephone.
    """

    folders: Annotated[list[str], tyro.conf.Positional] = field(default_factory=list)
    """Folders of runs, of sweeps, of what neuromgd tolerate or explore found, or of what neuromgd
    gradient followed."""
    out: str = ""
    """File to write; if nothing is said report.html in the folder, or here for several folders."""
    title: str = ""
    """Title of the page."""
    estimates: bool = True
    """Whether trained chips are asked for estimates of the gradient, which takes the longest."""


def main(arguments: list[str]) -> None:
    """Runs the command."""
    options = parse(Options, "report", arguments)
    if not options.folders:
        raise InputError("report: give the folder of a run, sweep or search, or several")
    path = destination(options.folders, options.out)
    with Console(stderr=True).status("reading and asking chips"):
        report(options.folders, path, title=options.title, with_estimates=options.estimates)
    print(f"written to {printable(str(path))}")


def destination(folders: Sequence[str], out: str) -> Path:
    """Returns the file to be written.

    Raises:
        InputError: If nothing can be written there, or a file stands there that is no report.
    """
    name = out or str(Path(folders[0], NAME) if len(folders) == 1 else NAME)
    path = writable("--out", name, (".html", ".htm"))
    if path.exists() and _MARK not in disk.read(path, 1 << 30)[:2_000]:
        raise InputError(f"--out: {short(name)} is there and is no report; name another")
    return path


def report(
    folders: Sequence[str | Path],
    path: str | Path,
    parts: "Parts | None" = None,
    title: str = "",
    with_estimates: bool = True,
) -> Path:
    """Writes one self-contained page of HTML about runs, sweeps, searches and followed estimates.

    Args:
        folders: Their folders; runs may be unfinished.
        path: File to write.
        parts: What the runs were given that no file can hold, such as a network of one's own.
        title: Of the page; "": told by what is on it.
        with_estimates: Whether trained chips are asked for estimates of the gradient.

    Returns:
        The file.

    Raises:
        InputError: If a folder holds none of them, or the file cannot be written.
    """
    from neuromgd.plan.plan import NO_PARTS  # heavy imports are here, not for --help
    from neuromgd.plots.page.page import page
    from neuromgd.study.findings import findings

    found = [findings(one, parts or NO_PARTS, with_estimates) for one in folders]
    text = page(found, __version__, title)
    try:
        disk.write(Path(path), text.encode())
    except OSError as error:
        raise InputError(f"report: {short(str(path))} cannot be written: {reason(error)}") from None
    return Path(path)
