"""The perturbation codes by name."""

from neuromgd import names
from neuromgd.registry import Registry
from neuromgd.synapse.codes.code import Code

CODES: Registry[Code] = Registry(names.CODES)
