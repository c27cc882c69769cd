"""What the database's errors mean for callers: the one place where PyMongo's exceptions become `cdr.errors`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from cdr.errors import StoreUnavailable, TimedOut, TooLarge

# Codes of mongod: not primary, stepping down, shutting down, no suitable member, out of disk space.
_TRANSIENT_CODES = frozenset(
    {6, 7, 89, 91, 133, 189, 202, 262, 317, 358, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 14031}
)
# An object too large, and nested deeper than BSON allows.
_SIZE_CODES = frozenset({10334, 17280, 17419, 15})
_MAX_TIME_EXPIRED = 50


@contextmanager
def store_failures() -> Iterator[None]:
    """Turn trouble with the database into `StoreUnavailable`, `TimedOut` or `TooLarge`; the rest passes through.

    Messages are ours: those of the driver may hold keys and values.
    """
    try:
        yield
    except DocumentTooLarge:
        # Raised by the encoder, it is no PyMongoError.
        raise TooLarge("A stored document should have less than 16 MiB.", code="DocumentTooLarge") from None
    except PyMongoError as error:
        if isinstance(error, ExecutionTimeout):
            raise TimedOut("The database should answer within the time limit.") from None
        if is_unavailable(error):
            raise StoreUnavailable("The database should be reachable; try again shortly.") from None
        if isinstance(error, OperationFailure) and error.code in _SIZE_CODES:
            raise TooLarge(
                "A stored document should have less than 16 MiB and fewer than 100 levels.", code="DocumentTooLarge"
            ) from None
        raise


def is_unavailable(error: PyMongoError) -> bool:
    """Tell whether the error says that the database cannot be reached or cannot take the request now."""
    if isinstance(error, ConnectionFailure | WTimeoutError):
        return True
    if error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult"):
        return True
    if isinstance(error, OperationFailure) and error.code in _TRANSIENT_CODES:
        return True
    return error.timeout and not isinstance(error, ExecutionTimeout)
