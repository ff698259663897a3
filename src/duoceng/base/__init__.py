"""The bottom of the house: money, days and mistakes. Knows nothing of policies or bills."""
