"""The engines by name, and the one door to them."""

from neuromgd import names
from neuromgd.errors import InputError
from neuromgd.fleet.engine import Engine, EngineMember
from neuromgd.fleet.processes import has_joined
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.registry import Registry

ENGINES: Registry[EngineMember] = Registry(names.ENGINES)


def open_engine(config: Config, plan: Plan) -> Engine:
    """Returns what makes and advances the chips of a run.

    Raises:
        InputError: If the engine cannot do what is asked.
    """
    refuse_engine(config)
    return ENGINES[name_of(config)].open(config, plan)


def name_of(config: Config) -> str:
    """Returns the name of the engine of a run."""
    return config.baseline or config.engine


def refuse_engine(config: Config, is_sweep: bool = False) -> None:
    """Raises InputError if the engine of a run cannot do what is asked.

    Args:
        config: What is run.
        is_sweep: Whether its chips are those of the points of a sweep.
    """
    name = name_of(config)
    member = ENGINES[name]
    if is_sweep and not member.is_swept:
        option = "baseline" if config.baseline else "engine"
        raise InputError(f"option {option} = {name!r}: a sweep trains simulated chips")
    if not member.is_spread and (config.shard_arrays or has_joined()):
        option = "shard_arrays" if config.shard_arrays else "distributed"
        raise InputError(f"option {option}: spreads simulated chips, not those of engine {name!r}")
