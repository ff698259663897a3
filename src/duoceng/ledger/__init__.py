"""The books: settlements to balanced postings; rules of personal accounts and wallets, statistics, export. No database, no clock inside."""
