"""The HTTP interface: openEHR's REST API, the admin interface and Kilde's own resources, over `cdr.services`."""
