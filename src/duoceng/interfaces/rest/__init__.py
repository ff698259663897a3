"""The service: the desk over HTTP."""
