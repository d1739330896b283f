"""``python -m neuromgd``: the command line."""

from neuromgd.cli.main import main

main()
