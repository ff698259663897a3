"""The only door to a database: SQLite or PostgreSQL, one schema."""
