"""How large a kick is where nobody says: as the task has it, or so that converters see it."""

import math

from neuromgd.converter import top_level
from neuromgd.data.task import Task
from neuromgd.loading import LARGEST, room
from neuromgd.network.models import NETWORKS
from neuromgd.options.config import Config

# Steps of an ADC over what a kick changes there, at which rounding costs a chip little.
STEPS = 2.0
# A larger share of the first weights is no small kick any more.
SMALL = 0.1


def amplitude(config: Config, task: Task, rows: int | None) -> float:
    """Returns Δθ of weights: as given, or the task's, or what an ADC behind the arrays asks for.

    First weights of about 1/√n in n rows give outputs of σ = ‖x‖/√n, whose largest are LARGEST σ;
    an ADC of top codes and room r takes steps of r·LARGEST·σ/top; and a kick changes an output by
    Δθ·‖x‖. So Δθ = r·LARGEST/(top·√n·STEPS), whatever the inputs are.

    Args:
        config: What is run.
        task: Gives the default.
        rows: Least number of rows of an array; None: not known.

    Returns:
        Δθ [w.u.].
    """
    array, given = config.array, config.synapse.amplitude
    usual = NETWORKS[config.network.model or task.model].amplitude or task.amplitude
    if given is not None or rows is None or not array.adc_bits or array.adc_range is not None:
        return given or usual
    top = float(top_level(array.adc_bits))
    asked = room(top) * LARGEST / (STEPS * top) if top > 0 else math.inf
    scale = config.network.weight_scale or task.weight_scale or 1.0
    return max(usual, min(asked, SMALL) / math.sqrt(rows) / scale)
