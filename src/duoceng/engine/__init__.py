"""Bill and plan -> settlement and its proof. Knows no files, no documents and no database."""
