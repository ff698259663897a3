"""Documents -> the plan in force for this member on this day, as integer rows and citations."""
