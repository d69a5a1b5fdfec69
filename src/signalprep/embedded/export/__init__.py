"""A program as files of C, and what they are held against."""

from signalprep.embedded.export._benchmark import Benchmark
from signalprep.embedded.export._export import Export, export_c
from signalprep.embedded.export._manifest import manifest_schema
from signalprep.embedded.export._prove import ForeignProof
from signalprep.embedded.export._verify import Verification

__all__ = ["Benchmark", "Export", "ForeignProof", "Verification", "export_c", "manifest_schema"]
