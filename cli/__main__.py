"""`python -m cli` is `kilde`, for a checkout that is not installed."""

from cli.main import main

main(prog_name="kilde")
