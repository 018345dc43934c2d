"""The composition root: the platform and the capabilities of its schools become one app."""

from pathlib import Path

import tenants
from campus.app import create_app

app = create_app(Path(__file__).parent, tenants.CAPABILITIES)
