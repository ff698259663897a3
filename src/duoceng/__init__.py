"""Duoceng (多层): settle a medical bill through every layer of cover in China, and explain every fen."""

__version__ = "0.1.0"
