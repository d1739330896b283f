"""One measured curve in twenty layouts, as instruments and spreadsheets write it.

Each entry is name -> (text, options of the reader); all hold ``cells.noisy()`` in uS.
"""

from tests.characterise.cells import NUMBER, PULSES, noisy

G = noisy()
RISING = range(len(G))
UP, DOWN = G[: PULSES + 1], G[PULSES:]


def rows(*columns, mark=",", end="\n"):
    return "".join(mark.join(map(str, row)) + end for row in zip(*columns, strict=True))


def comma(text):
    return text.replace(".", ",")


RESTART = [*range(PULSES + 1), *range(1, PULSES + 1)]
SIGN = [0, *([1] * PULSES), *([-1] * PULSES)]

LAYOUTS = {
    "windows line ends": ("n,G [µS]\r\n" + rows(RISING, G, end="\r\n"), {}),
    "quoted cells": ('"Pulse No.","G (uS)"\n' + rows(RISING, [f'"{g}"' for g in G]), {}),
    "quoted decimal commas": (
        "Puls,Leitwert [uS]\n" + rows(RISING, [f'"{comma(str(g))}"' for g in G]), {}),
    "semicolons at line ends": ("pulse;G [uS];\n" + rows(RISING, G, [""] * len(G), mark=";"), {}),
    "tabs and decimal commas": ("pulse\tG_uS\n" + comma(rows(RISING, G, mark="\t")), {}),
    "aligned blanks": ("\n".join(f"{n:8d}   {g:12.4f}" for n, g in zip(RISING, G, strict=True)),
                       {"unit": "uS"}),
    "siemens in exponents": ("pulse,G [S]\n" + rows(RISING, [f"{g:.4f}E-06" for g in G]), {}),
    "units in a line of their own": ("Pulse;Conductance\n1;µS\n" + rows(RISING, G, mark=";"), {}),
    "preamble with numbers": (
        "Tester;Model 42\nV_read;0.1\nPoints;101\n\npulse;G [uS]\n" + rows(RISING, G, mark=";"),
        {}),
    "comments between rows": (
        "% cell B7\npulse,G [uS]\n" + rows(RISING[:9], G[:9]) + "# paused\n"
        + rows(RISING[9:], G[9:]) + "# end\n", {}),
    "number restarts at one": ("pulse,G [uS]\n" + rows(RESTART, G), {}),
    "number falls": ("pulse,G [uS]\n" + rows(NUMBER, G), {}),
    "negative numbers on the way": ("pulse,G [uS]\n" + rows(NUMBER - 50, G), {}),
    "direction in words": (
        "direction,pulse,G [uS]\n"
        + rows(["LTP"] * (PULSES + 1) + ["LTD"] * PULSES, RISING, G), {}),
    "sign of the write voltage": (
        "V_write [V],G [uS]\n" + rows([1.2 if s >= 0 else -0.9 for s in SIGN], G), {}),
    "up and down side by side": (
        "pulse,G_up [uS],G_down [uS]\n" + rows(range(PULSES + 1), UP, DOWN), {}),
    "numbers of their own": (
        "n_up,LTP (uS),n_down,LTD (uS)\n" + rows(range(PULSES + 1), UP, range(PULSES + 1), DOWN),
        {}),
    "currents with their voltage": (
        "pulse,V_read [mV],I [nA]\n" + rows(RISING, [100] * len(G), [f"{100 * g:.2f}" for g in G]),
        {}),
    "current over a slash": (
        "pulse,I / µA\n" + rows(RISING, [f"{-0.2 * g:.5f}" for g in G]), {"read_voltage": -0.2}),
    "resistance": (
        "index,R (kΩ),stdev\n" + rows(RISING, [f"{1e3 / g:.6f}" for g in G], [0.1] * len(G)), {}),
    "time beside the number": (
        "time [s],pulse,G [uS]\n" + rows([f"{0.1 * n:.1f}" for n in RISING], RISING, G), {}),
}  # fmt: skip
