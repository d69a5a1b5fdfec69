"""Draw the picture of README.md, from the script in it: python docs/make_images.py

Run it in the root of the repository after a change that moves the numbers. The script also writes
its report.html there.
"""

import re
from io import BytesIO
from pathlib import Path

import matplotlib
from PIL import Image

import signalprep as sp

README = Path("README.md")
PICTURE = Path("docs/images/heatmap.png")


def main() -> None:
    """Run the script and draw the operating map of its result."""
    matplotlib.use("Agg")
    names: dict[str, sp.Validation] = {}
    script = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(script[1], README, "exec"), names)
    display = sp.RegimeHeatmapDisplay.from_validation(names["result"], metric="rmse")
    drawn = BytesIO()
    display.figure_.savefig(drawn, dpi=80)
    few_colours = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
    few_colours.save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
