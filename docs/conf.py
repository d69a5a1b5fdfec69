"""Sphinx settings: builds offline, and a reader's browser fetches nothing from elsewhere."""

import json
import os
import sys
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

import signalprep
from signalprep.report import json_schema

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
os.environ["MPLBACKEND"] = "Agg"

GENERATED = Path(__file__).parent / "api" / "generated"
GENERATED.mkdir(parents=True, exist_ok=True)
SCHEMA = json.dumps(json_schema(), indent=1, ensure_ascii=False)
(GENERATED / "report_schema.json").write_text(SCHEMA + "\n", encoding="utf-8")

project = "signalprep"
author = "The signalprep developers"
copyright = author
version = release = signalprep.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "markdown_headings",
]
exclude_patterns = ["_build", "auto_examples/GALLERY_HEADER.rst"]
templates_path = ["_templates"]
default_role = "literal"
nitpicky = False
suppress_warnings = ["config.cache"]  # the order of the examples is an object, not text

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's parameter lists say more

numpydoc_show_class_members = False
numpydoc_validation_checks = {
    "GL03",  # no double blank lines
    "GL06",  # known sections only
    "GL07",  # sections in order
    "SS01",  # a summary
    "SS03",  # that ends with a full stop
    "PR01",  # every parameter documented
    "PR02",  # no parameter that is not there
    "PR03",  # in the order of the signature
    "PR10",  # a blank before the colon
    "YD01",  # what is yielded
}
numpydoc_validation_exclude = {
    r"\.get_feature_names_out$",
    # results: their fields are documented as attributes
    r"\.(Audit|Validations?|Verdict|Comparison|NearDuplicates|LogCheck|Reach)$",
    r"\.(ClassificationValidation|LeakPrices|Diagnosis|LearningCurve)$",
    r"\.(OverfitCheck|LearningRateRange|SelectionBias|SetupCheck|Channel|Clocked)$",
    r"\.(IntegerModel|Export|Verification|ForeignProof|Benchmark)$",
    r"\.(RegimeLoss|LossVerdict|CalibrationReport|CompressionSweep)$",
}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": ExplicitOrder(
        [
            "plot_error_by_regime.py",
            "plot_random_split.py",
            "plot_audit.py",
            "plot_compare.py",
            "plot_fault_classes.py",
            "plot_search.py",
            "plot_neural.py",
            "plot_to_the_controller.py",
            "plot_splitters.py",
            "plot_price_of_leaks.py",
            "plot_cycle_borders.py",
            "plot_which_filter.py",
            "plot_hampel_spikes.py",
            "plot_cleaning_targets.py",
            "plot_slower_task.py",
        ]
    ),
    "download_all_examples": False,
    "min_reported_time": 60,
    "plot_gallery": "True",
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "signalprep"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["signalprep.css"]
html_sidebars = {
    "auto_examples/*": [],
    "[!a]*": [],  # all but the list of names has nothing to show there
}
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "footer_start": [],
    "footer_end": [],
}
