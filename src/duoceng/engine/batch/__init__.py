"""Columns of bills through the same kernel as one bill at the counter."""
