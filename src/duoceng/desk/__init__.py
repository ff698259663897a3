"""One bill, start to end. The only place, with the lab, that calls several stations."""
