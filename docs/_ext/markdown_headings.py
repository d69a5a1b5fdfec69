"""Let a page include CHANGELOG.md: its headings are rewritten, the rest reads the same."""

import re
from pathlib import Path

from sphinx.application import Sphinx

UNDERLINES = {"##": "-", "###": "~"}


def as_rst(markdown: str) -> str:
    """Drop the title and underline the headings below it: "## 0.1.0" becomes a section."""

    def underlined(match: re.Match[str]) -> str:
        return f"{match[2]}\n{UNDERLINES[match[1]] * len(match[2])}"

    without_title = re.sub(r"^# .*$", "", markdown, flags=re.MULTILINE)
    return re.sub(r"^(###?) (.*)$", underlined, without_title, flags=re.MULTILINE)


def _convert(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    if path.suffix == ".md":
        content[0] = as_rst(content[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Convert every Markdown file that a page includes."""
    app.connect("include-read", _convert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
