"""Numbers taken from pixels."""
