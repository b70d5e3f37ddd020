"""What continuous integration asks of a dataset repository: a pull request, a released tag."""
