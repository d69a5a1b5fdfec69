"""The package as users get it: sdist and wheel built, the wheel installed alone, the main job run.

``python tests/package.py [FOLDER]`` leaves both files in the folder, ``dist`` unless named. The
wheel is built from the sdist, so that nothing is missing there. The environment that it is
installed in has no extras, and the job runs where the repository cannot be imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path
from zipfile import ZipFile

REPOSITORY = Path(__file__).resolve().parents[1]
IN_SDIST = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "conftest.py", "src", "tests"}
OF_THE_TREE = {"PYTHONPATH", "NUMBA_CACHE_DIR"}  # variables that would let it be seen
EVERY_NAME = """
import signalprep as sp
names = [getattr(sp, name) for name in sp.__all__]
print(f"signalprep {sp.__version__} with {len(names)} names")
"""
REGIMES = "omega_m=-10:200:400:700:1200,T_m=-150:-50:0:50:100:200"


def run(*command: str | Path, cwd: Path = REPOSITORY) -> str:
    """What a command prints; if it fails, that is shown and we end."""
    outside = {name: value for name, value in os.environ.items() if name not in OF_THE_TREE}
    done = subprocess.run(
        command, cwd=cwd, env=outside, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def build(folder: Path) -> tuple[Path, Path]:
    """The sdist and the wheel, built anew."""
    for old in [*folder.glob("signalprep-*.tar.gz"), *folder.glob("signalprep-*.whl")]:
        old.unlink()
    run(sys.executable, "-m", "build", "--outdir", folder)
    (sdist,), (wheel,) = folder.glob("signalprep-*.tar.gz"), folder.glob("signalprep-*.whl")
    return sdist, wheel


def check_contents(sdist: Path, wheel: Path) -> None:
    """The wheel holds every file of src, and the sdist what it must."""
    source = REPOSITORY / "src"
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    wanted = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    if held != wanted:
        sys.exit(f"{wheel.name} and src differ in {sorted(held ^ wanted)}")
    with tarfile.open(sdist) as archive:
        top = {Path(name).parts[1] for name in archive.getnames() if len(Path(name).parts) > 1}
    if missing := IN_SDIST - top:
        sys.exit(f"{sdist.name} lacks {sorted(missing)}")


def try_out(wheel: Path, folder: Path) -> None:
    """Install the wheel into an environment of its own and run the main job from there."""
    venv.create(folder / "env", with_pip=False)  # ours installs into it
    bin_ = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", bin_ / "python")
    run(*pip, "install", "--quiet", "--no-compile", wheel, cwd=folder)
    print(run(bin_ / "python", "-c", EVERY_NAME, cwd=folder))
    page = folder / "report.html"
    log = REPOSITORY / "sample_data" / "drive_cycles"
    options = ("--target", "T_pm", "--regimes", REGIMES, "--output", page)
    said = run(bin_ / "signalprep", "report", log, *options, cwd=folder).replace(f"{folder}/", "")
    if "RMSE" not in said or "<svg" not in page.read_text(encoding="utf-8"):
        sys.exit(f"the report of the installed package is not one:\n{said}")
    print(said)


if __name__ == "__main__":
    dist = Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "dist").resolve()
    dist.mkdir(exist_ok=True)
    built = build(dist)
    check_contents(*built)
    with tempfile.TemporaryDirectory() as scratch:
        try_out(built[1], Path(scratch))
