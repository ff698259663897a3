"""Integers in, integers out. The same source runs as plain Python for one bill and compiled for a nation's year."""
