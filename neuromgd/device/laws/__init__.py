"""The update laws by name."""

from neuromgd import names
from neuromgd.device.laws.law import Law
from neuromgd.registry import Registry

LAWS: Registry[Law] = Registry(names.LAWS)
