"""Model files written by hand."""

import io
import json
import zipfile

import pytest


@pytest.fixture
def write_parts():
    """Write what skops made, with a record beside it."""

    def write(file, content, record=None):
        parts = io.BytesIO(content)
        with zipfile.ZipFile(parts, "a") as archive:
            text = record if isinstance(record, str) else json.dumps(record or {"format": 2})
            archive.writestr("signalprep.json", text)
        file.write_bytes(parts.getvalue())

    return write
