#!/usr/bin/env python3
"""Writes the description that the API serves to doc/openapi.json (make openapi)."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from relman import SRCDIR, Site  # noqa: E402

site = Site()
try:
    site.start()
    document = site.call("GET", "/api/v1/openapi.json")[1]
finally:
    site.close()
with open(os.path.join(SRCDIR, "doc/openapi.json"), "w") as f:
    json.dump(document, f, indent=2)
    f.write("\n")
