"""What `import signalprep` offers, and that it stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import signalprep as sp


def test_every_public_name_is_there():
    for name in sp.__all__:
        assert getattr(sp, name) is not None
    assert set(sp.__all__) <= set(dir(sp))


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(sp.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if (node.module or "").startswith("signalprep")]
    seen = {alias.name for node in ours for alias in node.names}
    assert seen == {*sp.__all__, "__version__"}


def test_import_alone_loads_no_heavy_library():
    code = (
        "import sys, signalprep; "
        "heavy = {'matplotlib', 'numba', 'pandas', 'sklearn', 'statsmodels', 'jinja2', 'torch'}; "
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_estimators_load_no_plotting_library():
    code = (
        "import sys, signalprep as sp; sp.validate, sp.HampelFilter, sp.read_log; "
        "heavy = {'matplotlib', 'statsmodels', 'jinja2', 'torch'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
