"""The builder: functions from text to notebook to page. It knows nothing of what the lectures are about."""

import sys
from typing import Any, cast

# Where JupyterLab is installed too, jsonschema, which nbformat loads, compiles a grammar of web addresses
# each time that it is loaded: more than a second, for something that no notebook needs.
cast(Any, sys.modules).setdefault("rfc3987_syntax", None)
