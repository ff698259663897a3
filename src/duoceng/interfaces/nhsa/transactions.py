"""Every module that answers transactions, read so that each puts itself down."""

from duoceng.interfaces.nhsa import (
    filings,
    inpatient,
    outpatient,
    people,
    pharmacy,
    reversal,
    session,
)

MODULES = (filings, inpatient, outpatient, people, pharmacy, reversal, session)
