"""FHIR R4 beside the service: claims in, claim responses and explanations of benefit out. Needs `duoceng[fhir]`."""
