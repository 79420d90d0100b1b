"""Tickets out of the desk and into it: one record shape, several file formats."""
