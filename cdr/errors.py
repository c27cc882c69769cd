"""The errors of the repository; `cdr.api.errors` alone turns them into status codes.

    KildeError
    |-- BadInput              the body cannot be made into an object: syntax, unknown type, unparsable date
    |   `-- BadParameter      a parameter or header cannot be read
    |-- Invalid               the object breaks rules: the issues say all of them
    |-- NotFound              the thing asked for does not exist (or may not be seen)
    |   `-- Deleted           it existed and is logically deleted
    |-- Conflict              it exists already, or is in use
    |-- VersionConflict       another version came first; carries the latest version uid
    |-- PreconditionMissing   a change without the preceding version uid
    |-- NotPermitted          the caller may not do this
    |-- TooLarge              a limit of size, depth or count
    |-- TimedOut              a limit of time
    |-- NotSupported          legal, but not offered
    `-- StoreUnavailable      the database cannot be reached now; try again

Messages are sentences with the expected thing first; none holds patient data.
"""

from __future__ import annotations

from collections.abc import Sequence

from cdr.issue import Issue


class KildeError(Exception):
    """Base of all errors that are somebody's answer and not our own mistake."""

    def __init__(self, message: str, *, code: str = "", issues: Sequence[Issue] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__
        self.issues = tuple(issues)


class BadInput(KildeError):
    """The body cannot be made into an object."""


class BadParameter(BadInput):
    """A parameter or header cannot be read."""


class Invalid(KildeError):
    """The object breaks rules; `issues` lists all of them."""


class NotFound(KildeError):
    """The thing asked for does not exist."""


class Deleted(NotFound):
    """The thing asked for is logically deleted; `version_uid` names the version that says so."""

    def __init__(self, message: str, *, version_uid: str, code: str = "") -> None:
        super().__init__(message, code=code)
        self.version_uid = version_uid


class Conflict(KildeError):
    """The thing exists already, or is in use."""


class VersionConflict(KildeError):
    """Another version came first; `latest_uid` is the one to build on."""

    def __init__(self, message: str, *, latest_uid: str | None, code: str = "") -> None:
        super().__init__(message, code=code)
        self.latest_uid = latest_uid


class PreconditionMissing(KildeError):
    """A change needs the preceding version uid and none was given."""


class NotPermitted(KildeError):
    """The caller may not do this."""


class TooLarge(KildeError):
    """A limit of size, depth or count was passed."""


class TimedOut(KildeError):
    """A limit of time was passed."""


class NotSupported(KildeError):
    """Legal, but not offered."""


class StoreUnavailable(KildeError):
    """The database cannot be reached now."""
