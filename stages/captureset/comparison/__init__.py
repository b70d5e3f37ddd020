"""What changed between two versions of a dataset, from tables alone."""
