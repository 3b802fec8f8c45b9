"""What kind of file a file is, from its first bytes: to tell one given in place of another."""

from __future__ import annotations

import re

__all__ = ["HEAD", "RESULTS", "kind_of"]

HEAD = 4096
"""First bytes that tell."""

RESULTS = "a results file"

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# HDF5 may begin after a block of 512 bytes or twice, four times, ... as many.
_PLACES = (0, 512, 1024, 2048)
_OTHERS = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
)
# Keys at the beginning of a line of YAML, or quoted in JSON, that all must be there.
_TEXTS = (
    (("channels", "measurements"), "a HistFactory workspace"),
    (("eft", "basis", "values"), "a WCxf file"),
    (("model", "likelihoods"), "an analysis"),
)


def kind_of(head: bytes) -> str:
    """Kind of a file in a few words.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of the file, or all.

    Returns
    -------
    str
        Such as ``"a results file"``; empty if it cannot be told.
    """
    if any(head.startswith(_SIGNATURE, place) for place in _PLACES):
        return RESULTS
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            return kind
    text = head.decode("utf-8", "replace")
    for keys, kind in _TEXTS:
        if all(re.search(rf'^{key} *:|"{key}" *:', text, re.MULTILINE) for key in keys):
            return kind
    return ""
