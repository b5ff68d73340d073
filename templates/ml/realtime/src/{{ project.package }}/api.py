"""The service: health, readiness, metrics, and the routes of `routes.py` behind the guards."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field

from . import routes
from .errors import BadInputError
from .guards import App, BodyLimit, Concurrency, Token
from .settings import Section
from .telemetry import Observed, Telemetry


class Serving(Section):
    TABLE = "serve"

    host: str
    port: int = Field(ge=0, le=65535)
    max_bytes: int = Field(ge=1)
    max_concurrent: int = Field(ge=1)
    grace_seconds: int = Field(ge=1)  # for requests in work when the service is told to stop


def create(load: Callable[[], routes.Model], serving: Serving, token: str = "") -> App:
    """The application; `load` is called when it starts, and readiness waits for it."""
    telemetry = Telemetry(routes.ROUTES)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.model = load()
        yield
        app.state.model = None

    app = FastAPI(title=routes.TITLE, lifespan=life, openapi_url="/openapi.json")
    app.state.model = None
    app.include_router(routes.router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(BadInputError, _unfit)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        if app.state.model is None:
            return JSONResponse({"status": "loading"}, 503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(telemetry.text(), media_type="text/plain; version=0.0.4")

    guarded: App = BodyLimit(app, serving.max_bytes)
    guarded = Concurrency(guarded, serving.max_concurrent)
    if token:
        guarded = Token(guarded, token)
    return Observed(guarded, telemetry)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Say where and what, but do not send the input back: it may be large, or not even JSON."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  what this handler is for
    told = [{key: fault[key] for key in ("loc", "msg", "type")} for fault in error.errors()[:20]]
    return JSONResponse({"detail": told}, 422)


async def _unfit(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)
