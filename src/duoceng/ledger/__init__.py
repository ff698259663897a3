"""The books: who pays whom, in whole fen. Rules of personal accounts and wallets, statistics, export; no clock inside."""
