"""The HTTP API: `/api/v1/…` for programs, the Open311 façade, health and figures."""
