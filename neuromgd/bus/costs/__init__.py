"""The costs by name."""

from neuromgd import names
from neuromgd.bus.costs.cost import Cost
from neuromgd.registry import Registry

COSTS: Registry[Cost] = Registry(names.COSTS)
