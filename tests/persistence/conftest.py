"""Model files written by hand."""

import json

import pytest

from signalprep._version import versions
from signalprep.persistence._contents import FORMAT, with_record


@pytest.fixture
def write_parts():
    """Write what skops made, with a record beside it."""

    def write(file, content, record=None):
        text = record if isinstance(record, str) else json.dumps(whole(record or {}))
        file.write_bytes(with_record(content, text))

    return write


def whole(record):
    return {"format": FORMAT, "versions": versions()} | record
