"""Counts what reports show: facts of each changed ticket, and the sheets of the days that they touch."""
