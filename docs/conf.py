"""How Sphinx builds the documentation; nothing is fetched from a network."""

import sys
from pathlib import Path

import satcore

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "satcore"
author = "The satcore maintainers"
release = version = satcore.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "made"]
exclude_patterns = ["_build", "_ext", "examples"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
# Studies are shown as TOML with wordings in other scripts, which Pygments' lexer marks as errors.
suppress_warnings = ["misc.highlighting_failure"]

# Types stand in the signature, as they are written.
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"satcore {version}"
html_show_sourcelink = False
html_copy_source = False
