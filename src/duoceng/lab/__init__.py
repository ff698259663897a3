"""The laboratory: members and bills drawn from documented distributions, of any number, for benchmarks and demonstrations."""
