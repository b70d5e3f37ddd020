"""`python -m captureset` is the command `captureset`."""

from captureset.cli.main import main

main()
