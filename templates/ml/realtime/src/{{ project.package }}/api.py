"""The service: health, readiness, metrics, and the routes of `routes.py` behind the guards."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import Field

from . import routes
from .errors import BadInputError
from .guards import REFUSED, App, Body, Concurrency, Observed, Token, described
from .settings import Section

EVERY = 1.0  # seconds, between two looks at what is promoted

log = logging.getLogger(__name__)


class Serving(Section):
    TABLE = "serve"

    host: str
    port: int = Field(ge=0, le=65535)
    max_bytes: int = Field(ge=1)
    max_concurrent: int = Field(ge=1)
    max_connections: int = Field(ge=1)
    head_seconds: float = Field(gt=0)
    body_seconds: float = Field(gt=0)
    grace_seconds: int = Field(ge=1)  # for requests in work when the service is told to stop


class Live:
    """The model that answers, and the next one, which takes its place as soon as it is promoted.

    Requests take the model once, so those at work end with the one that they began with.
    """

    def __init__(self, load: Callable[[], routes.Model], pinned: Callable[[], bytes]) -> None:
        self._load, self._pinned = load, pinned
        self._seen = b""
        self._refused: bytes | None = None  # what was said to be refused
        self.model: routes.Model | None = None

    def start(self) -> None:
        """Load what is promoted, or fail with the reason."""
        self._seen = self._pinned()
        self.model = self._load()

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Take another model if another one is promoted."""
        pinned = self._pinned()
        if pinned == self._seen:
            self._refused = None
            return
        try:
            model = self._load()
        except Exception as error:  # whatever it is, the model before it can still answer
            if pinned != self._refused:
                log.error("what was promoted is not served, the model before it is: %s", error)
            self._refused = pinned
        else:
            self.model, self._seen = model, pinned
            log.info("another model was promoted and answers from now on")


def create(live: Live, serving: Serving, token: str = "") -> App:
    """The application around the model of the moment."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(live.follow())
        yield
        following.cancel()

    app = FastAPI(
        title=routes.TITLE, lifespan=life, redoc_url=None, swagger_ui_oauth2_redirect_url=None
    )
    app.state.live = live
    refused = {status: told for status, told in REFUSED.items() if token or status != 401}
    # For the description alone: who asks without the token does not come so far.
    bearer = [Security(HTTPBearer(auto_error=False))] if token else []
    app.include_router(routes.router, responses=described(refused), dependencies=bearer)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(BadInputError, _unfit)
    places = Concurrency(app, serving.max_concurrent)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        if live.model is None:
            return JSONResponse({"status": "no model"}, 503)
        if places.is_full:
            return JSONResponse({"status": "saturated"}, 503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(observed.text(), media_type="text/plain; version=0.0.4")

    guarded: App = Body(places, serving.max_bytes, serving.body_seconds)
    if token:
        guarded = Token(guarded, token)
    observed = Observed(guarded, routes.ROUTES)
    return observed


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Say where and what, but do not send the input back: it may be large, or not even JSON."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  what this handler is for
    told = [{key: fault[key] for key in ("loc", "msg", "type")} for fault in error.errors()[:20]]
    return JSONResponse({"detail": told}, 422)


async def _unfit(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)
