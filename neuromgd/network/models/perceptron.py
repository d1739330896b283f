"""The multilayer perceptron, dense layers one after the other."""

from neuromgd.network.mlp import MLP
from neuromgd.network.models.model import Model, Wanted


def _make(wanted: Wanted) -> MLP:
    widths = (*wanted.hidden, wanted.outputs)
    return MLP(widths, wanted.activation, wanted.output_activation, wanted.initial_weights)


PERCEPTRON = Model(_make)
