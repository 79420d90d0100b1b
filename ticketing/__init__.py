"""Ticketing: the support desk of an online gaming platform."""

import os
from collections.abc import Mapping

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from ticketing import cli, models, web
from ticketing.extensions import csrf, db, login_manager, migrate


def create_app(overrides: Mapping | None = None) -> Flask:
    """The application. `overrides` go over what TICKETING_* variables say (tests use it)."""
    overrides = dict(overrides or {})
    environ = dict(os.environ)
    if "DATA_DIR" in overrides:
        environ["TICKETING_DATA_DIR"] = str(overrides.pop("DATA_DIR"))
    app = Flask(
        __name__,
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(config.ROOT / "instance"),
    )
    app.config.from_mapping(config.load(environ))
    app.config.from_mapping(overrides)
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True, compare_type=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    web.register(app)
    cli.register(app)
    assert models
    return app
