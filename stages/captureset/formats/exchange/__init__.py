"""Formats of annotation tools: what goes out for review and what comes back, one module a tool."""
