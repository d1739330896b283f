"""A fit as a data sheet: what the curve gives, and a list of what it does not."""

from datetime import date
from typing import Any

from neuromgd.characterise.curve import Data
from neuromgd.characterise.fit import CONFIDENCE, Fit
from neuromgd.sheets.quantities import EFFECTS

_CONDUCTANCES = ("conductance_min", "conductance_max")
# They follow from how the law is written down, not from the data.
_CONVENTIONS = ("exponential_slope", "exponential_offset")


def sheet(name: str, data: Data, fit: Fit) -> dict[str, Any]:
    """Returns the sheet of a fitted device, ready to be written as TOML.

    Args:
        name: Of the sheet.
        data: The curve.
        fit: What describes it.
    """
    quantities = {key: _quantity(key, data, fit) for key in fit.numbers}
    quantities["read_noise"] = {
        "value": fit.residual,
        "unit": fit.unit,
        "basis": "fitted",
        "where": f"deviation of {data.path.name} from the curve; cycle noise is in it",
    }
    return {
        "name": name,
        "technology": "fitted to a measured pulse response",
        "law": fit.law,
        "not_modelled": [
            f"{effect}: one pulse response does not tell it"
            for effect, names in EFFECTS.items()
            if not names & quantities.keys()
        ],
        "source": {
            "authors": "own measurement",
            "title": data.path.name,
            "venue": "unpublished",
            "year": date.today().year,
        },
        "quantities": quantities,
    }


def _quantity(key: str, data: Data, fit: Fit) -> dict[str, Any]:
    value, interval = fit.numbers[key]
    unit = fit.unit if key in _CONDUCTANCES else "w.u." if key == "update_step" else ""
    fitted = f"fit to {data.path.name}, ± {interval:.3g} (all at once, {CONFIDENCE:.0%})"
    is_convention = key in _CONVENTIONS
    return {
        "value": value,
        "unit": unit,
        "basis": "derived" if is_convention else "fitted",
        "where": "by convention of the fit" if is_convention else fitted,
    }
