"""Looks at a repository as a whole: is it sound, what is to be done next."""
