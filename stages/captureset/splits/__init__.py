"""Groups that must not be divided, and where each goes."""
