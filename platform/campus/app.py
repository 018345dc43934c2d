"""create_app: configuration → extensions → errors → capabilities → school middleware."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

from flask import (
    Flask,
    Request,
    Response,
    g,
    redirect,
    render_template,
    send_from_directory,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from campus import (
    crypto,
    error_pages,
    gate,
    guides,
    headers,
    health,
    login,
    logs,
    pages,
    realtime,
    room,
    static_files,
    storage,
)
from campus.capability import Capability
from campus.config import Config, load
from campus.database import database
from campus.identity import entry
from campus.identity.own_keys import blueprint as own_keys
from campus.identity.own_phone import blueprint as own_phone
from campus.identity.routes import blueprint as identity
from campus.identity.two_step import blueprint as two_step
from campus.incoming import Incoming, Json
from campus.joining import join
from campus.middleware import SchoolMiddleware
from campus.permissions import access_of, public, signed_in
from campus.schools.queries import home_url
from campus.schools.routes import blueprint as schools
from campus.styleguide import blueprint as styleguide

YEAR = 365 * 24 * 3600


def create_app(
    root: Path, capabilities: Iterable[Capability], config: Config | None = None
) -> Flask:
    """The WSGI application. ``root`` holds templates/ and static/. Raises ConfigError."""
    settings = (config or load()).checked()
    app = Flask("campus", root_path=str(root), template_folder="templates", static_folder="static")
    app.config["CAMPUS"] = settings
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    # Flask's own cookie carries nothing but one-time messages; sessions are rows of ours.
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["SESSION_COOKIE_NAME"] = "flash"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = settings.secure
    app.session_interface = OneTimeMessages()
    app.url_map.converters["int"] = RowId
    app.request_class, app.json = Incoming, Json(app)
    logs.configure()
    crypto.configure(settings)
    database.connect(app, settings)
    app.extensions["door"] = threading.BoundedSemaphore(max(settings.pool_size // 2, 1))
    storage.configure(settings)
    room.configure(settings)
    _requests(app)
    error_pages.install(app)
    pages.install(app)
    login.install(app)
    static_files.install(app)
    _platform(app, settings)
    _join(app, tuple(capabilities))
    _check_access(app)
    realtime.init(
        app, settings, authenticate=entry.authenticate_socket, still_valid=entry.valid_sessions
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    app.wsgi_app = SchoolMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    return app


class OneTimeMessages(SecureCookieSessionInterface):
    """Flask's cookie; most requests carry none, and then there is no signature to get ready for."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The messages that wait, or an empty session."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class RowId(IntegerConverter):
    """An id in an address; what no row can have is an address that does not exist."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """The id."""
        if len(value) > 18:
            raise ValidationError
        return int(value)


def _requests(app: Flask) -> None:
    """One function before every view and one after it: the order is the point."""

    @app.before_request
    def before() -> None:
        g.started = time.perf_counter()
        logs.new_request_id()
        gate.enter()

    @app.after_request
    def after(response: Response) -> Response:
        return health.measured(headers.finish(gate.leave(response)))

    app.teardown_request(gate.abandon)


def _platform(app: Flask, settings: Config) -> None:
    for blueprint in (
        identity,
        two_step,
        own_phone,
        own_keys,
        schools,
        guides.blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint)
    if not settings.production:
        app.register_blueprint(styleguide)

    @app.get("/")
    @signed_in("the way to one's own home, whichever school that is")
    def front() -> BaseResponse:
        return redirect(_front_url())

    @app.get("/manifest.webmanifest")
    @public("the browser reads it before anybody signs in")
    def manifest() -> Response:
        body = render_template("manifest.webmanifest.j2")
        return Response(body, content_type="application/manifest+json")

    @app.get("/favicon.ico")
    @public("browsers ask for it everywhere")
    def favicon() -> Response:
        return send_from_directory(app.static_folder or "", "icons/favicon.svg")


def _front_url() -> str:
    if g.school is None or g.actor.school_id is None:
        return home_url(g.actor.account_id)
    for capability in pages.capabilities():
        address = capability.home(g.actor) if capability.home else None
        if address:
            return address
    return url_for("identity.me")


def _join(app: Flask, capabilities: tuple[Capability, ...]) -> None:
    app.extensions["capabilities"] = capabilities
    app.extensions["frame"] = pages.frame_query(capabilities)
    join(capabilities)
    for capability in capabilities:
        if capability.blueprint is not None:
            app.register_blueprint(capability.blueprint)


def _check_access(app: Flask) -> None:
    """No application starts with a route that does not say whom it is for."""
    silent = [name for name, view in app.view_functions.items() if access_of(view) is None]
    if silent:
        raise RuntimeError(
            f"routes without @requires, @signed_in or @public: {', '.join(sorted(silent))}"
        )
