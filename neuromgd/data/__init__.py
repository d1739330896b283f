"""Where a sample comes from: the tasks by name."""

from neuromgd import names
from neuromgd.data.task import Task
from neuromgd.registry import Registry

TASKS: Registry[Task] = Registry(names.TASKS)
