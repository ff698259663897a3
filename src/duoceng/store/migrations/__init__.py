"""The tables as they came to be, one revision after the other; a step back is a restore from a backup, not a revision undone.

A new revision: change `store/schema.py`, add `versions/<what>.py` with `down_revision` naming the last one, and put it into `HEAD`.
A test compares a migrated database with the schema, on both engines.
"""

HEAD = "0002"
