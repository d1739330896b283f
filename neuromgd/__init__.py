"""Simulates neuromorphic chips that train themselves by multiplexed gradient descent (MGD)."""

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuromgd.bus.costs import COSTS as COSTS
    from neuromgd.bus.meter import BusParams as BusParams
    from neuromgd.bus.references import REFERENCES as REFERENCES
    from neuromgd.bus.references.reference import Reference as Reference
    from neuromgd.chip.chip import Chip as Chip
    from neuromgd.chip.chip import fabricate as fabricate
    from neuromgd.chip.chip import weights as weights
    from neuromgd.chip.design import ChipParams as ChipParams
    from neuromgd.chip.design import Design as Design
    from neuromgd.chip.design import Tau as Tau
    from neuromgd.chip.machine import Machine as Machine
    from neuromgd.chip.mode import MODES as MODES
    from neuromgd.chip.mode import Mode as Mode
    from neuromgd.chip.step import step as step
    from neuromgd.chip.window import window as window
    from neuromgd.cli.progress import Progress as Progress
    from neuromgd.cli.report import report as report
    from neuromgd.cores import use_cores as use_cores
    from neuromgd.data import TASKS as TASKS
    from neuromgd.data.dataset import Dataset as Dataset
    from neuromgd.data.metrics import METRICS as METRICS
    from neuromgd.data.metrics.metric import Metric as Metric
    from neuromgd.data.sample import Sample as Sample
    from neuromgd.data.task import Source as Source
    from neuromgd.data.task import Task as Task
    from neuromgd.device.laws import LAWS as LAWS
    from neuromgd.device.laws.law import Law as Law
    from neuromgd.device.params import DeviceParams as DeviceParams
    from neuromgd.errors import DivergedError as DivergedError
    from neuromgd.errors import InputError as InputError
    from neuromgd.errors import LostProcessError as LostProcessError
    from neuromgd.errors import ProbedWarning as ProbedWarning
    from neuromgd.errors import RoundingWarning as RoundingWarning
    from neuromgd.errors import SlowEngineWarning as SlowEngineWarning
    from neuromgd.errors import UncutWarning as UncutWarning
    from neuromgd.fleet.engine import Engine as Engine
    from neuromgd.fleet.engines import ENGINES as ENGINES
    from neuromgd.network.adapters import from_equinox as from_equinox
    from neuromgd.network.adapters import from_nnx as from_nnx
    from neuromgd.network.mlp import MLP as MLP
    from neuromgd.network.models import NETWORKS as NETWORKS
    from neuromgd.network.models.model import Model as Model
    from neuromgd.network.network import Network as Network
    from neuromgd.network.network import from_module as from_module
    from neuromgd.network.neurons import Neurons as Neurons
    from neuromgd.network.params import NetworkParams as NetworkParams
    from neuromgd.options.config import ArrayConfig as ArrayConfig
    from neuromgd.options.config import BusConfig as BusConfig
    from neuromgd.options.config import Config as Config
    from neuromgd.options.config import LearningConfig as LearningConfig
    from neuromgd.options.config import NetworkConfig as NetworkConfig
    from neuromgd.options.config import SynapseConfig as SynapseConfig
    from neuromgd.options.device import DeviceConfig as DeviceConfig
    from neuromgd.options.exploration import Exploration as Exploration
    from neuromgd.options.tolerance import Tolerance as Tolerance
    from neuromgd.plan.instrument import Instrument as Instrument
    from neuromgd.plan.plan import Parts as Parts
    from neuromgd.plan.plan import Plan as Plan
    from neuromgd.plan.plan import plan as prepare  # noqa: F401
    from neuromgd.plots.run import draw as draw
    from neuromgd.program_cache import keep_programs as keep_programs
    from neuromgd.randomness import root_key as root_key
    from neuromgd.sheets.device import load as load_device  # noqa: F401
    from neuromgd.sheets.library import names as sheet_names  # noqa: F401
    from neuromgd.sheets.platform import load as load_platform  # noqa: F401
    from neuromgd.study.evaluate import Evaluated as Evaluated
    from neuromgd.study.evaluate import evaluate as evaluate
    from neuromgd.study.events import Events as Events
    from neuromgd.study.explore import Explored as Explored
    from neuromgd.study.explore import explore as explore
    from neuromgd.study.export import export_weights as export_weights
    from neuromgd.study.export import network_weights as network_weights
    from neuromgd.study.gradient import Gradient as Gradient
    from neuromgd.study.gradient import gradient as gradient
    from neuromgd.study.listing import Listed as Listed
    from neuromgd.study.listing import listed as list_runs  # noqa: F401
    from neuromgd.study.open import open_run as open_run
    from neuromgd.study.sweep import Sweep as Sweep
    from neuromgd.study.sweep import sweep as sweep
    from neuromgd.study.tolerate import Card as Card
    from neuromgd.study.tolerate import tolerate as tolerate
    from neuromgd.study.train import train as train
    from neuromgd.study.trained import Run as Run
    from neuromgd.synapse.codes import CODES as CODES
    from neuromgd.synapse.codes import code as code
    from neuromgd.synapse.codes.code import Code as Code
    from neuromgd.synapse.rules import RULES as RULES
    from neuromgd.synapse.rules import rule as rule
    from neuromgd.synapse.state import SynapseParams as SynapseParams
    from neuromgd.timing.program import Schedule as Schedule
    from neuromgd.timing.report import Report as Report
    from neuromgd.timing.report import time_run as time_run
    from neuromgd.timing.workload import Workload as Workload
    from neuromgd.verdict.row import Row as Row

__version__ = "0.1.0"

# Public name -> module that holds it, and its name there if it is another. Rooms are imported when
# a name is asked for, so that the clock and the help text cost no import of JAX.
_HOMES = {
    "sheet_names": "sheets.library:names",
    "load_platform": "sheets.platform:load",
    "load_device": "sheets.device:load",
    "UncutWarning": "errors",
    "SlowEngineWarning": "errors",
    "RoundingWarning": "errors",
    "ProbedWarning": "errors",
    "Report": "timing.report",
    "Schedule": "timing.program",
    "Workload": "timing.workload",
    "time_run": "timing.report",
    "Row": "verdict.row",
    "Engine": "fleet.engine",
    "ENGINES": "fleet.engines",
    "METRICS": "data.metrics",
    "Metric": "data.metrics.metric",
    "draw": "plots.run",
    "report": "cli.report",
    "Progress": "cli.progress",
    "Events": "study.events",
    "Gradient": "study.gradient",
    "gradient": "study.gradient",
    "Listed": "study.listing",
    "list_runs": "study.listing:listed",
    "Evaluated": "study.evaluate",
    "evaluate": "study.evaluate",
    "export_weights": "study.export",
    "network_weights": "study.export",
    "open_run": "study.open",
    "Run": "study.trained",
    "Instrument": "plan.instrument",
    "prepare": "plan.plan:plan",
    "Plan": "plan.plan",
    "rule": "synapse.rules",
    "Reference": "bus.references.reference",
    "Mode": "chip.mode",
    "Law": "device.laws.law",
    "Code": "synapse.codes.code",
    "Task": "data.task",
    "NetworkParams": "network.params",
    "MODES": "chip.mode",
    "LAWS": "device.laws",
    "Dataset": "data.dataset",
    "ChipParams": "chip.design",
    "Machine": "chip.machine",
    "SynapseConfig": "options.config",
    "NetworkConfig": "options.config",
    "LearningConfig": "options.config",
    "DeviceConfig": "options.device",
    "Config": "options.config",
    "BusConfig": "options.config",
    "ArrayConfig": "options.config",
    "REFERENCES": "bus.references",
    "COSTS": "bus.costs",
    "BusParams": "bus.meter",
    "Chip": "chip.chip",
    "fabricate": "chip.chip",
    "weights": "chip.chip",
    "Design": "chip.design",
    "Tau": "chip.design",
    "step": "chip.step",
    "window": "chip.window",
    "use_cores": "cores",
    "TASKS": "data",
    "Sample": "data.sample",
    "Source": "data.task",
    "DeviceParams": "device.params",
    "DivergedError": "errors",
    "InputError": "errors",
    "LostProcessError": "errors",
    "from_equinox": "network.adapters",
    "from_nnx": "network.adapters",
    "MLP": "network.mlp",
    "NETWORKS": "network.models",
    "Model": "network.models.model",
    "Network": "network.network",
    "from_module": "network.network",
    "Neurons": "network.neurons",
    "keep_programs": "program_cache",
    "root_key": "randomness",
    "Parts": "plan.plan",
    "Sweep": "study.sweep",
    "sweep": "study.sweep",
    "Exploration": "options.exploration",
    "Explored": "study.explore",
    "explore": "study.explore",
    "Tolerance": "options.tolerance",
    "Card": "study.tolerate",
    "tolerate": "study.tolerate",
    "train": "study.train",
    "CODES": "synapse.codes",
    "code": "synapse.codes",
    "RULES": "synapse.rules",
    "SynapseParams": "synapse.state",
}

# Version of jax -> why its numbers or its import cannot be trusted.
_BROKEN_JAX = {
    "0.10.2": "returns wrong numbers on CPU (jax-ml/jax#39103)",
    "0.11.1": "breaks flax",
}
if (_jax := version("jax")) in _BROKEN_JAX:
    raise ImportError(
        f"jax {_jax} {_BROKEN_JAX[_jax]}: run pip install 'jax>=0.10,!=0.10.2,!=0.11.1'"
    )


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'neuromgd' has no attribute {name!r}")
    module, _, own_name = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f"neuromgd.{module}"), own_name or name)


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
