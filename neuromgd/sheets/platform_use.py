"""Which entries a platform's own choices use: one that is missing or idle is told, not ignored."""

from neuromgd.errors import InputError
from neuromgd.sheets.platform_schema import PARTS, Platform

# Times that each way of reading a layer needs.
FORMS = {
    "whole": ("settle",),
    "single": ("read",),
    "bit_serial": ("read", "convert"),
    "cycles": ("cycle",),
    "integrate": ("integrate", "adc_step", "phase_gap"),
}

# Times that each broadcast topology needs.
TOPOLOGIES = {
    "direct": ("broadcast",),
    "bus": ("wire",),
    "htree": ("wire", "repeater"),
    "tree": ("repeater",),
    "mesh": ("router", "link"),
    "tile_then_row": ("wire", "repeater"),
    "graph": ("wire",),
}

# Times that every platform with layers may have besides.
LAYER = ("input", "split_add", "post", "activation")


def needed(platform: Platform) -> dict[str, str]:
    """Returns the times that a sheet must have, with the choice that needs each."""
    needs: dict[str, str] = {}
    if set(platform.times) != {"paper_clock"}:
        form = platform.array.form
        needs |= dict.fromkeys(FORMS[form], f"array.form {form!r}")
    if platform.broadcast is not None:
        topology = platform.broadcast.topology
        needs |= dict.fromkeys(TOPOLOGIES[topology], f"broadcast.topology {topology!r}")
    if platform.write is not None:
        needs["write"] = f"write.mode {platform.write.mode!r}"
    if platform.links is not None:
        needs["hop"] = f"links.topology {platform.links.topology!r}"
    return needs


def usable_times(platform: Platform) -> set[str]:
    """Returns the times that a sheet may have."""
    only_if_needed = {"broadcast", "write", "hop", "settle"}
    usable = {"paper_clock", *needed(platform), *(set(PARTS) - only_if_needed)}
    if platform.array.form != "whole":
        usable |= set(LAYER)
    if platform.array.form == "single":
        usable.add("convert")
    return usable


def usable_energies(platform: Platform) -> set[str]:
    """Returns the energies that a sheet may have: those of its parts and of its layers."""
    array, usable = platform.array, set(platform.times) & {*PARTS, *LAYER, "convert"}
    if array.form == "bit_serial":
        usable |= {"row_drive", "cell_read", "convert"}
    elif array.form != "whole":
        usable |= {"read", "operation"}
    if platform.broadcast is not None:
        charged = {"direct": "broadcast", "tree": "broadcast", "mesh": "router"}
        usable.add(charged.get(platform.broadcast.topology, "wire"))
    return usable


def check_use(platform: Platform) -> None:
    """Refuses a sheet that lacks a time its choices need, or holds an entry they never use.

    Raises:
        InputError: Naming the entry and who needs it, or what is allowed.
    """
    for name, who in needed(platform).items():
        if name not in platform.times:
            raise InputError(f"times.{name}: missing; {who} needs it")
    for group, usable in (
        ("times", usable_times(platform)),
        ("energies", usable_energies(platform)),
    ):
        for name in getattr(platform, group):
            if name not in usable:
                raise InputError(
                    f"{group}.{name}: never used with these choices; allowed are "
                    f"{', '.join(sorted(usable))}"
                )
    if {"read", "operation"} <= set(platform.energies):
        raise InputError("energies: read 'read' and 'operation', allowed is one of them")
    if platform.adcs and platform.adc and "convert" not in usable_energies(platform):
        raise InputError("adcs: never used; the array converts nothing by itself")
    write = platform.write
    if write is not None and (write.mode == "program_verify") != (write.verify is not None):
        raise InputError(
            f"write.verify: {'missing' if write.verify is None else 'never used'}; it belongs to "
            f"write.mode 'program_verify', read {write.mode!r}"
        )
    if write is not None and write.at_once is not None and write.mode != "row_parallel":
        raise InputError(
            f"write.at_once: never used; it belongs to write.mode 'row_parallel', read "
            f"{write.mode!r}"
        )
    skips = "none" if write is None else write.skips
    able = {"cells": ("row_parallel", "cell_serial"), "rows": ("row_parallel",)}
    if write is not None and skips != "none" and write.mode not in able[skips]:
        raise InputError(
            f"write.skips: read {skips!r} with write.mode {write.mode!r}; allowed with "
            f"{', '.join(able[skips])}"
        )
    if platform.array.form == "integrate" and not platform.array.input_phases:
        raise InputError("array.input_phases: missing; array.form 'integrate' needs it")
