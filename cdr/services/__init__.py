"""The use cases of the repository, one file each: what may happen, in which order, and who is told of it.

The API and the command line call these with a `Caller`; they call the pure parts (formats, validation, versioning) and
the ports. Nothing here knows HTTP or MongoDB.
"""
