"""Settlements to balanced postings; accounts, wallets, mutual aid. No database and no clock inside."""
