"""What things burn: energies of a sheet, all its factors included, and power that never stops."""

from fractions import Fraction

from neuromgd.sheets.platform import Platform


class Prices(dict[str, Fraction | None]):
    """Energies of a sheet by entry [J], worked out when first asked for; None: not known.

    Args:
        platform: The sheet; None: no energy is wanted, and none is known.
        which: ``value``, ``low`` or ``high`` end of each entry's range.
    """

    def __init__(self, platform: Platform | None, which: str = "value"):
        super().__init__()
        self.platform, self.which = platform, which

    def __missing__(self, name: str) -> Fraction | None:
        self[name] = found = None if self.platform is None else self.of(self.platform, name)
        return found

    def of(self, platform: Platform, name: str) -> Fraction | None:
        """Works out one energy."""
        entry = platform.energies.get(name)
        if name == "convert" and platform.adc is not None:
            entry = platform.adcs[platform.adc]
        energy = None if entry is None else entry.exact(self.which)
        for factor in platform.factors.values():
            scale = factor.exact(self.which)
            energy = None if energy is None or scale is None else energy * scale
        return energy


def static_watts(platform: Platform, chips: int = 1, which: str = "value") -> Fraction | None:
    """Returns the power of chips that burns whatever happens, or None if unknown [W]."""
    total = Fraction(0)
    for entry in platform.powers.values():
        watts = entry.exact(which)
        if watts is None:
            return None
        total += watts
    return chips * total
