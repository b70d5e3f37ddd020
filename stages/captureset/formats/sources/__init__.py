"""Readers of foreign datasets, one module a format."""
