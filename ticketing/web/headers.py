"""What every answer says to the browser about itself."""

from flask import Flask, request

from ticketing.web.frame import ancestors
from ticketing.web.sessions import remember_frame

# No inline script or style, nothing from elsewhere, and in the frames of those alone whom a session came from.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
FOR_HOSTS = "embed/"  # the folder of static files that other people's pages load


def register(app: Flask) -> None:
    @app.after_request
    def add_headers(response):
        headers = response.headers
        remember_frame()
        shown_by = " ".join(ancestors())
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY + (shown_by or "'none'"))
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        if not shown_by:
            headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if request.endpoint == "assets" and response.status_code == 200:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif request.endpoint not in ("static", "assets"):
            headers.setdefault("Cache-Control", "no-store")
            response.vary.add("HX-Request")
        if request.endpoint == "static" and (request.view_args or {}).get("filename", "").startswith(FOR_HOSTS):
            headers["Access-Control-Allow-Origin"] = "*"
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
