"""Files of the interface, compressed when they were built and kept by browsers for a year.

In production nginx serves them; here one process must hold the same page budgets.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, request, send_from_directory

from campus.permissions import public

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
BUILT = "dist/"


def install(app: Flask) -> None:
    """Serve ``static/`` with the compressed neighbour a browser accepts."""
    root = Path(app.static_folder or "static")

    @public("files of the interface")
    def static(filename: str) -> Response:
        accepted = request.headers.get("Accept-Encoding", "") if filename.startswith(BUILT) else ""
        for encoding, suffix in ENCODINGS:
            if encoding in accepted and (root / (filename + suffix)).is_file():
                response = send_from_directory(root, filename + suffix)
                response.headers["Content-Type"] = _type(filename)
                response.headers["Content-Encoding"] = encoding
                break
        else:
            response = send_from_directory(root, filename)
        response.headers.add("Vary", "Accept-Encoding")
        if filename.startswith(BUILT):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.view_functions["static"] = static


def _type(filename: str) -> str:
    kinds = {".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
    return f"{kinds.get(Path(filename).suffix, 'application/octet-stream')}; charset=utf-8"
