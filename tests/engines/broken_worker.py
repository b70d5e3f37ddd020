"""A worker whose machine lacks a library."""

raise ImportError("libjpeg.so.9: cannot open shared object file")
