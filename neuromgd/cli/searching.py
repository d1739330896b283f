"""What the commands have in common that search by many sweeps, in one process and one folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console, RenderableType

from neuromgd.cli.distributed import offering_to_resume
from neuromgd.cli.result import telling_of_figures
from neuromgd.cli.train import LENGTHS, Options, in_folder, read, refuse_changes
from neuromgd.cores import use_cores
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.options.searches import Kind


class Given(NamedTuple):
    """Arguments of a search.

    Attributes:
        is_any: Whether there is one of its own.
        asked: Reads its own as what is wanted.
        rest: All others.
    """

    is_any: bool
    asked: Callable[[], Any]
    rest: list[str]


class Search(NamedTuple):
    """A command that searches.

    Attributes:
        kind: Of search.
        run: (config, wanted, watch, is_resumed, may_overwrite) -> what was found, with its folder.
        draw: (what was found, config) draws it there.
        tell: (what was found, config) -> what is printed, part by part.
    """

    kind: Kind
    run: Callable[..., Any]
    draw: Callable[[Any, Config], Path]
    tell: Callable[[Any, Config], Iterator[RenderableType]]


def search(given: Given, load: Callable[[], Search], kind: Kind) -> None:
    """Begins a search, or goes on with one, and tells what it found.

    Args:
        given: Arguments.
        load: Returns the command: JAX is imported there, not for what is refused at once.
        kind: Of search.
    """
    options = read(given.rest, kind.command)
    if options.distributed:
        raise InputError(f"option distributed: neuromgd {kind.command} runs in one process")
    if options.resume is not None:
        config, wanted = _begun(options, given, kind)
    else:
        config, wanted = options.of_run, given.asked()
        # What its points need of each other only they can say.
        checked(config, "option", is_whole=False)
    use_cores()
    with (
        in_folder(config, options) as config,
        offering_to_resume(kind.command, Path(str(config.out))),
    ):
        _show(load(), config, wanted, options)


def _begun(options: Options, given: Given, kind: Kind) -> tuple[Config, Any]:
    from neuromgd.study.searches import begun  # JAX is imported here, not for --help

    if given.is_any or any(getattr(options, name) for name in LENGTHS):
        raise InputError(f"option resume: the {kind.what} goes on as it began")
    refuse_changes(given.rest)
    return begun(kind, Path(str(options.resume)))


def _show(command: Search, config: Config, wanted: Any, options: Options) -> None:
    console = Console(stderr=True, quiet=options.json)
    with console.status("loading and compiling") as status:

        def watch(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text, highlight=False)

        done = command.run(
            config, wanted, watch, options.resume is not None, may_overwrite=options.overwrite
        )
    with telling_of_figures(done.folder):
        command.draw(done, config)
    if options.json:
        print((done.folder / "summary.json").read_text(), end="")
        return
    for part in command.tell(done, config):
        print(part) if isinstance(part, str) else Console(markup=False).print(part)
    print(f"written to {done.folder}")
