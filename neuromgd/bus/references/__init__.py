"""The reference readings by name."""

from neuromgd import names
from neuromgd.bus.references.reference import Reference
from neuromgd.registry import Registry

REFERENCES: Registry[Reference] = Registry(names.REFERENCES)
