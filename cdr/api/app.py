"""`create_app`: the ASGI application over the services of a tenant."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from cdr.api.auth import Authenticator, FixedCaller, admit
from cdr.api.deps import Threads
from cdr.api.errors import install_error_handlers
from cdr.api.metrics import Metrics
from cdr.api.observe import Observer
from cdr.api.routes import (
    admin,
    aql,
    archetype,
    category,
    composition,
    content,
    contribution,
    directory,
    ecis,
    ehr,
    ehr_status,
    kilde,
    left_out,
    query,
    receive,
    rollout,
    stored_query,
    summary,
    system,
    template,
    webtemplate,
)
from cdr.api.settings import ApiSettings
from cdr.services.kernel import Services

EXPOSED_HEADERS = (
    "ETag",
    "Location",
    "Last-Modified",
    "Preference-Applied",
    "openehr-uri",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)

# Without a login any page in a browser on this machine could read the whole store: only local pages may by default.
_LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?"


def create_app(services: Services, settings: ApiSettings, *, authenticator: Authenticator | None = None) -> FastAPI:
    """Return the application; it holds no connection of its own and may be made once in every worker.

    `authenticator` says who asks; without one everybody is the same caller, who may do everything.
    """
    app = FastAPI(
        title="Kilde",
        version=settings.version,
        redirect_slashes=False,
        dependencies=[Depends(admit)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        default_response_class=Response,
    )
    metrics = Metrics()
    app.state.services = services
    app.state.settings = settings
    app.state.threads = Threads.of(settings)
    app.state.metrics = metrics
    app.state.authenticator = authenticator or FixedCaller(settings.tenant)
    install_error_handlers(app)
    _mount(app, settings)
    # The layer that is added last is the outermost one.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        allow_origin_regex=_LOCAL_ORIGIN,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=list(EXPOSED_HEADERS),
        max_age=3600,
    )
    app.add_middleware(Observer, settings=settings, metrics=metrics)
    return app


def _mount(app: FastAPI, settings: ApiSettings) -> None:
    base = settings.base_path
    _add(app, system.router, "")
    for address in ("/", base):
        app.add_api_route(address, system.options, methods=["OPTIONS"], tags=["SYSTEM"])
    # The addresses below a template come before the template's own, whose id may hold slashes.
    first = (ehr, ehr_status, composition, directory, contribution, webtemplate)
    for resource in (*first, template, query, stored_query, left_out):
        _add(app, resource.router, base)
    if settings.has_admin:
        for address in (f"{base}/admin", "/rest/admin"):
            _add(app, admin.router, address)
    if settings.has_ecis:
        _add(app, ecis.router, ecis.PREFIX)
    _add(app, kilde.router, "/rest/kilde/v1")
    _add(app, rollout.router, "/rest/kilde/v1")
    _add(app, archetype.router, "/rest/kilde/v1")
    _add(app, summary.router, "/rest/kilde/v1")
    _add(app, receive.router, "/rest/kilde/v1")
    _add(app, category.router, "/rest/kilde/v1")
    _add(app, content.router, "/rest/kilde/v1")
    _add(app, aql.router, "/rest/kilde/v1")


def _add(app: FastAPI, router: APIRouter, prefix: str) -> None:
    """Add a router's endpoints as routes of the application itself.

    `include_router` hides them behind an object of its own in newer FastAPI; the roles, the access log and the metrics
    need the whole template of a route.
    """
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                app.add_api_route(
                    prefix + route.path,
                    route.endpoint,
                    methods=[method],
                    status_code=route.status_code,
                    tags=route.tags,
                    description=route.description,
                )
