"""The command line: `captureset …`."""
