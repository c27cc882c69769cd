"""The endpoints, one file a resource; each file has a `router` that `cdr.api.app` mounts."""
