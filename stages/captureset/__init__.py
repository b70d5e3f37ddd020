"""captureset: photos an app takes, turned into versioned, verified training datasets."""

__version__ = "0.1.0"
