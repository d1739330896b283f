"""The update laws by name; a new one is one file and one line here."""

from neuromgd.device.laws.law import Law
from neuromgd.device.laws.linear import LINEAR

LAWS: dict[str, Law] = {
    "linear": LINEAR,
}
