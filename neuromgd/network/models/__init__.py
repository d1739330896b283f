"""Networks by name."""

from neuromgd import names
from neuromgd.network.models.model import Model
from neuromgd.registry import Registry

NETWORKS: Registry[Model] = Registry(names.NETWORKS)
