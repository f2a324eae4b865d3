"""The builder: functions from text to notebook to page. It knows nothing of what the lectures are about."""

import sys

# Where JupyterLab is installed too, jsonschema, which nbformat loads, compiles a grammar of web addresses
# each time that it is loaded: more than a second, for something that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
