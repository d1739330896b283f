"""Numbers with SI prefixes, for labels."""

PREFIXES = {
    -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T",
}  # fmt: skip


def told(value: float, unit: str, digits: int = 3) -> str:
    """Returns a number with so many digits and an SI prefix; seconds never in kilos."""
    if not value:
        return f"0 {unit}"
    least, most = -18, 0 if unit == "s" else 12
    power = most
    while power > least and abs(value) < 0.9995 * 10.0**power:
        power -= 3
    return f"{value / 10.0**power:.{digits}g} {PREFIXES[power]}{unit}"
