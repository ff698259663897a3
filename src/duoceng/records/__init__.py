"""What travels between the stations: member, bill, plan, settlement. Immutable, and each remembers its source."""
