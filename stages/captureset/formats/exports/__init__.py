"""Writers of exports, one module a format."""
