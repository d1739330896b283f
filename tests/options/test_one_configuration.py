"""A configuration means the same whoever builds it: the library, a file or the command line."""

import random
import typing

import msgspec
import pytest
import tomli_w

import neuromgd as nm
from neuromgd.cli.train import config_of, read
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.read import IDEAL, checked, from_file
from neuromgd.preset import is_preset

SECTIONS = ("network", "array", "learning", "synapse", "device", "bus")
NOT_DRAWN = {"data_dir", "platform", "out", "sheet"}


def kinds(of):
    """Name -> type of every option of a section."""
    return {field.name: field.type for field in msgspec.structs.fields(of)}


def value(kind, draw):
    """Draws a value of a type."""
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    if typing.get_origin(kind) is typing.Literal:
        return draw.choice(typing.get_args(kind))
    if kind is bool:
        return draw.random() < 0.5
    if kind is int:
        return draw.randint(2, 8)
    if kind is float:
        return round(draw.uniform(0.01, 0.9), 3)
    if kind is str or typing.get_origin(kind) is tuple:
        return None
    choices = [one for one in typing.get_args(kind) if one is not type(None)]
    return value(draw.choice(choices), draw) if choices else None


def drawn(seed):
    """A few options of every section, as nested dictionaries."""
    draw = random.Random(seed)
    given = {"ideal": draw.random() < 0.5, "seed": draw.randint(0, 9)}
    if draw.random() < 0.4:
        given["device"] = {"sheet": draw.choice(["ecram_mo_kim2019", "reram_es_gong2018"])}
    for section in SECTIONS:
        types = kinds(type(getattr(Config(), section)))
        for name in draw.sample(sorted(types.keys() - NOT_DRAWN), draw.randint(0, 2)):
            chosen = value(types[name], draw)
            alone = {section: {name: chosen}}
            # Most options that have no effect alone are left out, so that most draws can be run.
            if chosen is not None and (is_accepted(alone) or draw.random() < 0.1):
                given.setdefault(section, {})[name] = chosen
    return given


def is_accepted(given):
    return outcome(by_library, given) != "refused"


def by_library(given):
    parts = {
        name: type(getattr(Config(), name))(**value) if isinstance(value, dict) else value
        for name, value in given.items()
    }
    return checked(nm.Config(**parts))


def by_command(given):
    arguments = []
    for name, chosen in given.items():
        for key, one in chosen.items() if isinstance(chosen, dict) else [(None, chosen)]:
            option = f"--{name}.{key}" if key else f"--{name}"
            option = option.replace("_", "-")
            if isinstance(one, bool) and key != "is_pair":
                head, _, tail = option.rpartition(".") if key else ("", "", option[2:])
                no = f"{head}.no-{tail}" if key else f"--no-{tail}"
                arguments.append(option if one else no)
            else:
                arguments += [option, str(one)]
    return config_of(read(arguments), arguments)


def by_file(given, folder):
    path = folder / "config.toml"
    path.write_text(tomli_w.dumps(given))
    return from_file(path)


def outcome(build, *arguments):
    """The configuration, or that it is refused."""
    try:
        return build(*arguments)
    except InputError:
        return "refused"


SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= 30)) for seed in range(200)]


@pytest.mark.parametrize("seed", SEEDS)
def test_library_file_and_command_line_build_one_configuration(seed, tmp_path):
    given = drawn(seed)
    built = outcome(by_library, given)
    assert outcome(by_command, given) == built
    assert outcome(by_file, given, tmp_path) == built


@pytest.mark.slow
def test_what_is_drawn_can_mostly_be_run():
    assert sum(outcome(by_library, drawn(seed)) == "refused" for seed in range(200)) < 120


def leaves(part):
    for name in part.__struct_fields__:
        one = getattr(part, name)
        yield from leaves(one) if isinstance(one, msgspec.Struct) else [one]


def test_an_ideal_chip_is_ideal_in_the_library():
    assert checked(nm.Config(ideal=True)) == IDEAL
    kept = checked(nm.Config(ideal=True, bus=nm.BusConfig(cost_noise=1e-3)))
    assert kept.bus.cost_noise == 1e-3
    assert kept.bus.delta_bits is None
    assert kept.device.write_noise is None


def test_a_sheet_brings_its_own_numbers_and_what_is_given_stands_over_it():
    config = checked(nm.Config(device="ecram_mo_kim2019"))
    assert config.device.sheet == "ecram_mo_kim2019"
    assert config.device.update_step is None
    assert config.device.write_noise is None
    assert config.bus.cost_noise == nm.BusConfig().cost_noise
    given = nm.DeviceConfig(sheet="ecram_mo_kim2019", write_noise=0.005)
    assert checked(nm.Config(device=given)).device.write_noise == 0.005


def test_presets_are_gone_once_a_configuration_is_settled():
    assert any(is_preset(one) for one in leaves(Config()))
    assert not any(is_preset(one) for one in leaves(checked(Config())))
