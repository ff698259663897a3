"""Members and bills drawn from documented distributions, of any number, for benchmarks, demonstrations and tests."""
