"""`create_app`: the ASGI application over the services of a tenant."""

from __future__ import annotations

from fastapi import FastAPI

from cdr.api.deps import Threads
from cdr.api.settings import ApiSettings
from cdr.services.kernel import Services


def create_app(services: Services, settings: ApiSettings) -> FastAPI:
    """Return the application; it holds no connection of its own and may be made once in every worker."""
    app = FastAPI(title="Kilde", version=settings.version, redirect_slashes=False)
    app.state.services = services
    app.state.settings = settings
    app.state.threads = Threads.of(settings)
    return app
