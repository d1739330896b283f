"""Checks the figures of the docs against the commands that give them, or writes them anew.

python -m docs.claims                    the short ones, all that takes seconds
python -m docs.claims --long             … and those that take minutes
python -m docs.claims NAME …             these alone
python -m docs.claims --renew NAME …     … and write what they gave into the page
python -m docs.claims --list             their names, pages, commands and minutes
"""

import argparse
import sys

from docs.claims import CLAIMS
from docs.claims.check import check, renew
from docs.claims.claim import Claim
from docs.claims.page import PAGES, read, unaccounted


def main() -> int:
    """Runs the command; the exit status is 1 if a figure does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.claims", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="claims; none: all short ones")
    parser.add_argument("--long", action="store_true", help="also what takes minutes")
    parser.add_argument("--renew", action="store_true", help="write what the commands give")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    options = parser.parse_args()
    unknown = set(options.names) - {claim.name for claim in CLAIMS}
    if unknown:
        parser.error(f"no claim is named {', '.join(sorted(unknown))}; see --list")
    if options.list:
        for claim in CLAIMS:
            took = f"{claim.minutes:g} min" if claim.is_long else "seconds"
            print(f"{claim.name:<22} {took:<8} {claim.page:<20} {claim.command}")
        return 0
    lines = [] if options.names else lost()
    for claim in chosen(options.names, options.long):
        lines += run(claim, options.renew)
    print("\n".join(lines) or "every figure is what its command gives")
    return 1 if lines else 0


def lost() -> list[str]:
    """Returns the figures of all pages that no claim accounts for."""
    return [
        f"{page}: {line}"
        for page in PAGES
        for line in unaccounted(read(page), [claim for claim in CLAIMS if claim.page == page])
    ]


def chosen(names: list[str], has_long: bool) -> list[Claim]:
    """Returns the claims that are to be run."""
    if names:
        return [claim for claim in CLAIMS if claim.name in names]
    return [claim for claim in CLAIMS if has_long or not claim.is_long]


def run(claim: Claim, is_renewed: bool) -> list[str]:
    """Runs the command of a claim; returns what does not hold, after writing it anew if asked."""
    print(f"… {claim.name}: {claim.command}", file=sys.stderr, flush=True)
    values = claim.measure()
    lines = check(claim, values)
    if not is_renewed:
        return lines
    renew(claim, values)
    for line in lines:
        print(f"renewed: {line}", file=sys.stderr)
    return []


if __name__ == "__main__":
    sys.exit(main())
