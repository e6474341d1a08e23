"""Two-way maps between canonical records and tagged trees."""

from edi_gateway.mapping.cross_reference import CrossReference, LoadedReference, load_cross_reference
from edi_gateway.mapping.difference import Change, Difference, differences
from edi_gateway.mapping.lineage import Origin
from edi_gateway.mapping.lint import lint, lint_map
from edi_gateway.mapping.loading import Base
from edi_gateway.mapping.map import Compiled, Map, Reading, Shapes, Tables, Writing, compile_map
from edi_gateway.mapping.replay import Cluster, clusters, record_changes, tree_changes
from edi_gateway.mapping.restoring import Rewritten, Why, rewritten
from edi_gateway.mapping.sketch import sketch
from edi_gateway.mapping.tables import Table
from edi_gateway.mapping.trial import Case, CaseResult, Trial, try_cases

__all__ = [
    "Base",
    "Case",
    "CaseResult",
    "Change",
    "Cluster",
    "Compiled",
    "CrossReference",
    "Difference",
    "LoadedReference",
    "Map",
    "Origin",
    "Reading",
    "Rewritten",
    "Shapes",
    "Table",
    "Tables",
    "Trial",
    "Why",
    "Writing",
    "clusters",
    "compile_map",
    "differences",
    "lint",
    "lint_map",
    "load_cross_reference",
    "record_changes",
    "rewritten",
    "sketch",
    "tree_changes",
    "try_cases",
]
