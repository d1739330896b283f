"""When it happens: events on integer ticks, no JAX."""

from neuromgd.sheets.platform import Platform as Platform
from neuromgd.sheets.platform import load as load
from neuromgd.timing.program import Schedule as Schedule
from neuromgd.timing.report import Report as Report
from neuromgd.timing.report import time_run as time_run
from neuromgd.timing.schedules import SCHEDULES as SCHEDULES
from neuromgd.timing.workload import Workload as Workload
