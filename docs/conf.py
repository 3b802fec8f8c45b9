"""The site: Sphinx with MyST; how to build it is told in CONTRIBUTING.md."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_extensions"))

import bsinv  # noqa: E402

project = "bsinv"
author = "The bsinv developers"
copyright = author
version = release = bsinv.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "links",
    "written_math",
    "written_pages",
]
exclude_patterns = ["_build", "_extensions"]
templates_path: list[str] = []

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
# A notebook is committed with what it printed, or is run here.
nb_execution_mode = "auto"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_typehints = "none"  # the docstrings say them, with shapes and units
autodoc_member_order = "bysource"
toc_object_entries = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

highlight_language = "text"

html_theme = "sphinx_book_theme"
html_title = "bsinv"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "show_toc_level": 2,
    "navbar_persistent": [],
    "home_page_in_toc": False,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 1,
}
