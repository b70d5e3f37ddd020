"""A version of the dataset: preflight, manifest, frozen splits, tag."""
