"""The metrics by name."""

from neuromgd import names
from neuromgd.data.metrics.metric import Metric
from neuromgd.registry import Registry

METRICS: Registry[Metric] = Registry(names.METRICS)
