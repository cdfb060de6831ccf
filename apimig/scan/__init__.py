"""From paths to source files, and from a patch's text back to the bytes on disk."""

from apimig.scan.discovery import Discovery, discover, is_manifest
from apimig.scan.naming import Modules, find_root, module_name
from apimig.scan.places import boundaries, cell_of, locate, masked_spans, notes
from apimig.scan.reading import MAX_BYTES, decode, encode, load, name_of, prefilter, read

__all__ = [
    "MAX_BYTES",
    "Discovery",
    "Modules",
    "boundaries",
    "cell_of",
    "decode",
    "discover",
    "encode",
    "find_root",
    "is_manifest",
    "load",
    "locate",
    "masked_spans",
    "module_name",
    "name_of",
    "notes",
    "prefilter",
    "read",
]
