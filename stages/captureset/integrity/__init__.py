"""DVC is not a guard, it trusts its cache: every object that Git names, looked at in cache and remote."""
