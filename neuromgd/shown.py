"""Text as a terminal shows it: no control characters, no endless names, no rounding to nothing."""


def one_line(text: str) -> str:
    r"""Returns text in one line, with all that cannot be printed escaped.

    Example:
        >>> one_line("a\nb")
        'a\\nb'
    """
    return printable(text).replace("\n", "\\n")


def printable(text: str) -> str:
    r"""Returns text with all but line ends and what can be printed escaped.

    Example:
        >>> printable("a\x1bb")
        'a\\x1bb'
    """
    return "".join(
        one if one == "\n" or one.isprintable() else one.encode("unicode_escape").decode()
        for one in text
    )


def limited(text: str) -> str:
    """Returns text of at most 2,000 characters: what is longer says nothing more."""
    return text if len(text) <= 2_000 else text[:1_997] + "..."


def short(text: str) -> str:
    """Returns text in quotes, in one line, no longer than 80 characters and its quotes."""
    return ascii(text if len(text) <= 80 else text[:77] + "...")


def mean_count(number: float | None, absent: str = "") -> str:
    """Returns a mean of counts: a whole number from ten on, two digits below.

    Example:
        >>> mean_count(0.1819), mean_count(60_000.0), mean_count(0)
        ('0.18', '60,000', '0')
    """
    if number is None:
        return absent
    return f"{number:,.0f}" if number >= 9.95 else f"{number:.2g}"
