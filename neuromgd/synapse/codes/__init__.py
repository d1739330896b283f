"""The perturbation codes by name; a new one is one file and one line here."""

from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.codes.product import PRODUCT
from neuromgd.synapse.codes.rademacher import RADEMACHER

CODES: dict[str, Code] = {
    "rademacher": RADEMACHER,
    "product": PRODUCT,
}
