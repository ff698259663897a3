"""Outside words <-> our records: files, statements, tables. The only place that knows formats."""
