"""MongoDB storage: the embedded server, the documents, and the ports of `cdr.ports` over them.

`pymongo` and `mongoengine` are imported here and nowhere else.
"""
