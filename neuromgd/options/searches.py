"""What a search by many sweeps keeps in its folder, so that it can go on and be told of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import tomli_w

from neuromgd.options.config import Config
from neuromgd.options.exploration import Exploration
from neuromgd.options.grid import Design, from_text, to_text
from neuromgd.options.tolerance import Tolerance
from neuromgd.sheets.library import convert, table
from neuromgd.stamp import refuse_changed

Wanted = TypeVar("Wanted", Tolerance, Exploration)


@dataclass(frozen=True)
class Kind(Generic[Wanted]):
    """A kind of search.

    Attributes:
        command: Its name on the command line.
        section: Of its file, what is asked.
        what: What it is called.
        wanted: What is asked, as a structure.
        table: File of a row for everything that was looked at, beside the summary; None: there is
            none.
    """

    command: str
    section: str
    what: str
    wanted: type[Wanted]
    table: str | None = None

    @property
    def file(self) -> str:
        """What holds it, in its folder."""
        return f"{self.command}.toml"

    def text(self, axis: str, config: Config, wanted: Wanted) -> str:
        """Returns what its folder keeps.

        Args:
            axis: One of those that it goes along, for the file of a sweep.
            config: What all its chips have in common.
            wanted: What is asked.
        """
        told = {key: value for key, value in msgspec.to_builtins(wanted).items()
                if value is not None}  # fmt: skip
        return to_text(Design(over=[axis]), config) + tomli_w.dumps({self.section: told})

    def kept(self, folder: Path) -> tuple[Config, Wanted]:
        """Returns what the search in a folder has in common, and what is asked.

        Raises:
            InputError: If there is none.
        """
        path = folder / self.file
        refuse_changed(path)
        whole = table(path)
        _, config = from_text(path, whole)
        return config, convert(path, whole.get(self.section, {}), self.wanted)


TOLERANCE: Kind[Tolerance] = Kind("tolerate", "tolerance", "search", Tolerance)
EXPLORATION: Kind[Exploration] = Kind(
    "explore", "exploration", "exploration", Exploration, "explore.parquet"
)
