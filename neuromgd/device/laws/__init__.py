"""The update laws by name; a new one is one file and one line here."""

from neuromgd.device.laws.exponential import EXPONENTIAL
from neuromgd.device.laws.ideal import IDEAL
from neuromgd.device.laws.law import Law
from neuromgd.device.laws.linear import LINEAR
from neuromgd.device.laws.linear_retrace import LINEAR_RETRACE
from neuromgd.device.laws.lookup import LOOKUP

LAWS: dict[str, Law] = {
    "ideal": IDEAL,
    "linear": LINEAR,
    "linear_retrace": LINEAR_RETRACE,
    "exponential": EXPONENTIAL,
    "lookup": LOOKUP,
}
