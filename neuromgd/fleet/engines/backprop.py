"""The same cells and samples, told the gradient by a host: what a chip is compared with."""

from neuromgd.fleet.chips import placed
from neuromgd.fleet.engine import Engine, EngineMember
from neuromgd.fleet.engines.simulated import Simulated
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan


def by_backprop(config: Config, plan: Plan) -> Engine:
    """Returns chips that write the exact gradient of every window."""
    ready, where = placed(config, plan)
    return Simulated(config, ready, where, "backprop", method="backprop", has_readings=False)


BACKPROP = EngineMember(by_backprop, is_spread=True)
