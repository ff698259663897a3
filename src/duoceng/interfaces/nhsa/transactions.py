"""Every module that answers transactions, read so that each puts itself down."""

from duoceng.interfaces.nhsa import (
    catalogues,
    files,
    filings,
    inpatient,
    mapping,
    outpatient,
    people,
    pharmacy,
    reversal,
    session,
)

MODULES = (catalogues, files, filings, inpatient, mapping, outpatient, people, pharmacy, reversal, session)
