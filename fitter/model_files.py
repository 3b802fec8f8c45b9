"""Models that an analysis names by a file: the coefficients of a WCxf file, times a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BsinvError, MissingExtraError
from .analysis_file.reading.attachments import Attachments
from .analysis_file.reading.source import Located
from .analysis_file.sections import WcxfSpec

if TYPE_CHECKING:
    from ..models.wcxf.model import WcxfModel

__all__ = ["model_of_file", "model_sentences"]


def model_of_file(source: Located, attached: Attachments) -> WcxfModel | None:
    """Model of the file that an analysis names under ``model``.

    Parameters
    ----------
    source : Located
        The analysis as read, not checked yet: its checks need the parameters of the model.
    attached : Attachments
        Files that it names.

    Returns
    -------
    WcxfModel or None
        None where the analysis names its model, or where the check of its form will find a fault.

    Raises
    ------
    AnalysisError
        If the file cannot be read, is no WCxf file, or what it holds cannot be used.
    MissingExtraError
        If the package wilson is needed and not installed.
    """
    from pydantic import ValidationError

    given = source.data.get("model")
    if not isinstance(given, dict):
        return None
    try:
        entry = WcxfSpec.model_validate(given)
    except ValidationError:
        return None
    from ..models.wcxf.documents import parse_wcxf
    from ..models.wcxf.model import check_scale_by, model_of_document

    try:
        check_scale_by(entry.scale_by)
    except BsinvError as error:
        raise source.mistake(str(error), ("model", "scale_by")) from error
    path = ("model", "wcxf")
    try:
        document = parse_wcxf(attached.text(entry.wcxf), entry.wcxf)
    except BsinvError as error:
        raise source.mistake(_ended(str(error)), path) from error
    try:
        return model_of_document(entry.name, document, entry.scale_by)
    except MissingExtraError as error:
        error.args = (str(source.mistake(f"{entry.wcxf}: {error}", path)),)
        raise
    except BsinvError as error:
        raise source.mistake(_ended(f"{entry.wcxf}: {error}"), path) from error


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def model_sentences(model: object) -> tuple[str, ...]:
    """What a reader should know of the coefficients of a file: how they were run, what is unseen.

    Parameters
    ----------
    model : Model

    Returns
    -------
    tuple of str
        Empty for other models.
    """
    from ..models.wcxf.model import WcxfModel

    if not isinstance(model, WcxfModel):
        return ()
    return tuple(f"{model.name}: {note}" for note in model.notes)
