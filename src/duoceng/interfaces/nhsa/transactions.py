"""Every module that answers transactions, read so that each puts itself down."""

from duoceng.interfaces.nhsa import (
    audit,
    catalogues,
    clearing,
    files,
    filings,
    inpatient,
    lists,
    lookups,
    mapping,
    outpatient,
    people,
    pharmacy,
    queries,
    reconciling,
    reversal,
    session,
    statements,
)

MODULES = (audit, catalogues, clearing, files, filings, inpatient, lists, lookups, mapping, outpatient, people, pharmacy, queries, reconciling,
           reversal, session, statements)  # fmt: skip
