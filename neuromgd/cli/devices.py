"""``neuromgd devices``: the data sheets of memory cells."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from neuromgd.cli.files import FIGURES, writable, written
from neuromgd.cli.parse import parse
from neuromgd.errors import InputError
from neuromgd.sheets import catalogue, library
from neuromgd.sheets.cell import effective
from neuromgd.sheets.device import Device, check, load, schema


@dataclass
class Options:
    """Lists device sheets, shows or plots one, checks a file, or fits a measured pulse response.

    ``neuromgd devices recipe NAME`` finds what makes a cell learn a task; it has a --help of its
    own.
    """

    action: Annotated[
        Literal["list", "show", "check", "plot", "fit", "schema"], tyro.conf.Positional
    ] = "list"
    """What to do; schema prints the JSON schema of a sheet, for editors."""
    sheet: Annotated[str, tyro.conf.Positional] = ""
    """Name or file, for show, check and plot; for fit a table (text or .xlsx) of pulse number and
    conductance, current or resistance."""
    out: str | None = None
    """File to write: the figure of plot (NAME.png), the sheet of fit (NAME.toml)."""
    law: Literal["linear", "linear_retrace", "exponential", "lookup"] | None = None
    """Law to fit; lookup: tables of the measured steps; absent: the law that fits best."""
    figure: str | None = None
    """Figure of fit to write: the data under the fitted curve (NAME.png)."""
    unit: str | None = None
    """Unit of the readings of fit, such as uS, nA or kohm, over what their headings say; 1: they
    are normalised."""
    read_voltage: float | None = None
    """Voltage at which the currents of fit were read [V]."""
    cells: int = 500
    """How many cells plot makes."""
    seed: int = 0
    """Of the cells that plot makes."""
    markdown: bool = False
    """Print the list as a Markdown table."""


def main(arguments: list[str]) -> None:
    """Runs the command."""
    if arguments[:1] == ["recipe"]:
        from neuromgd.cli import recipe  # it takes the options of training

        is_named = len(arguments) > 1 and not arguments[1].startswith("-")
        recipe.main(arguments[1] if is_named else "", arguments[1 + is_named :])
        return
    options = parse(Options, "devices", arguments)
    if options.action == "list":
        listing(options.markdown)
    elif options.action == "schema":
        print(json.dumps(schema(), indent=2, ensure_ascii=False))
    elif not options.sheet:
        raise InputError(f"devices {options.action}: give a sheet, a file or one of its names")
    elif options.action == "show":
        show(load(options.sheet))
    elif options.action == "check":
        complain(options.sheet)
    elif options.action == "plot":
        plot(load(options.sheet), options)
    else:
        from neuromgd.cli.devices_fit import draw, fit

        path = Path(options.sheet)
        out = writable("option out", options.out or path.with_suffix(".toml").name, (".toml",))
        figure = options.figure and writable("option figure", options.figure, FIGURES)
        if options.figure is not None and options.law == "lookup":
            raise InputError("option figure: tables of steps have no fitted curve to draw")
        found = fit(path, out, options.law, options.unit, options.read_voltage)
        if found is not None and figure:
            draw(found, out.stem, figure)


def listing(is_markdown: bool) -> None:
    """Prints all sheets as a table."""
    if is_markdown:
        print(catalogue.markdown())
        return
    table = Table(*catalogue.HEADINGS, box=None, pad_edge=False)
    for row in catalogue.rows():
        table.add_row(*row)
    # A pipe has no width: every row stays in one line.
    console = Console()
    Console(markup=False, width=console.width if console.is_terminal else 250).print(table)


def show(device: Device) -> None:
    """Prints one sheet: its numbers with their sources, and what they are in weight units."""
    sheet = device.sheet
    source = sheet.source
    reference = f"doi:{source.doi}" if source.doi else source.url or ""
    print(f"{sheet.name}: {sheet.technology}, law {sheet.law}, content {device.digest}")
    print(f"{source.authors}: {source.title}. {catalogue.dated(source)}. {reference}".rstrip())
    if sheet.read_in is not None:
        print(f"numbers read in: {sheet.read_in.authors}: {sheet.read_in.title}")
    table = Table("quantity", "value", "basis", "where", box=None, pad_edge=False)
    for name, quantity in sheet.quantities.items():
        is_assumed = quantity.basis == "assumed"
        values = quantity.value if isinstance(quantity.value, list) else [quantity.value]
        value = ", ".join(f"{number:.6g}" for number in values)
        table.add_row(
            name, f"{value} {quantity.unit}", "ASSUMED" if is_assumed else quantity.basis,
            quantity.where, style="yellow" if is_assumed else None,
        )  # fmt: skip
    Console(markup=False, width=max(Console().width, 120)).print(table)
    print("as the chip sees it, in weight units and SI:")
    for name, number in effective(device.cell()).items():
        values = number if isinstance(number, tuple) else (number,)
        print(f"  {name} = {', '.join(f'{value:.6g}' for value in values)}")
    for name, one in sheet.choices.items():
        print(f"  {name} = {one.value} ({one.where})")
    print("not modelled:")
    for line in sheet.not_modelled:
        print(f"  {line}")


def complain(sheet: str) -> None:
    """Prints every problem of a sheet.

    Raises:
        InputError: If there is one.
    """
    path = library.locate("devices", sheet)
    complaints = check(path)
    for complaint in complaints:
        print(complaint)
    if complaints:
        raise InputError(f"{path}: {len(complaints)} problems")
    sheet_read = load(sheet).sheet
    assumed = sum(quantity.basis == "assumed" for quantity in sheet_read.quantities.values())
    print(f"{path}: good, {len(sheet_read.quantities)} quantities, {assumed} of them assumed")


def plot(device: Device, options: Options) -> None:
    """Draws pulse response, single cells, programming and retention."""
    from neuromgd.characterise.curves import curves, holds_one_sign
    from neuromgd.plots.device import device as draw

    if options.cells < 1:
        raise InputError(f"option cells = {options.cells}: at least 1")
    path = writable("option out", options.out or f"{device.sheet.name}.png", FIGURES)
    title = f"{device.sheet.name}: {device.sheet.technology}"
    cell = device.cell()
    found = curves(cell, options.cells, options.seed)
    axis = _conductance(device, holds_one_sign(cell))
    written("option out", path, lambda path: draw(title, path, *found, conductance=axis))
    print(f"written to {path}")


def _conductance(device: Device, is_pair: bool):
    """Returns the axis of conductances of a sheet; None: it has no window of them."""
    from neuromgd.plots.device import Conductance

    slope = device.conductance_per_weight
    if slope is None:
        return None
    unit, size = next(
        ((unit, size) for unit, size in (("mS", 1e-3), ("uS", 1e-6)) if slope >= size), ("nS", 1e-9)
    )
    if is_pair:
        return Conductance(0.0, slope / size, f"(G⁺ - G⁻)/2 [{unit}]")
    nothing = device.cell().numbers["zero_signal_weight"]
    assert isinstance(nothing, float)
    return Conductance(-nothing * slope / size, slope / size, f"conductance [{unit}]")
