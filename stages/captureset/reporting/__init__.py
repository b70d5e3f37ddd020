"""The report: what is counted, and how a person sees it."""
