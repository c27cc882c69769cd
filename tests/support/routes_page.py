"""The page of routes and roles, written from the application."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from cdr.api.app import create_app
from cdr.api.roles import table_of_routes
from cdr.api.settings import ApiSettings
from cdr.services.kernel import Services

ROUTES = Path(__file__).resolve().parents[2] / "docs" / "routes.md"


def routes_page() -> str:
    """Return docs/routes.md; the routes are known without any service behind them."""
    settings = ApiSettings(has_ecis=True)
    return table_of_routes(create_app(cast(Services, None), settings), base_path=settings.base_path)
