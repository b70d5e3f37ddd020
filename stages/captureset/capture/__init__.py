"""The way in: submit, feedback, import, commit."""
