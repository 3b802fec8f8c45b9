"""Files that an analysis names: read once, and kept as text, so that results hold them too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ....errors import DataError, printable

__all__ = ["MAX_ATTACHED", "MAX_WORKSPACE", "Attachments"]

MAX_ATTACHED = 1_000_000  # bytes of one file
MAX_WORKSPACE = 10_000_000  # bytes of a workspace or of a table that belongs to one
MAX_TOTAL = 20_000_000  # characters of all, which results hold too


class Attachments:
    """Files beside an analysis.

    Parameters
    ----------
    folder : path
        From which relative names are read: that of the analysis file.
    stored : mapping of str to str, optional
        Texts by name from a results file, read in place of files.

    Attributes
    ----------
    texts : dict of str to str
        Those read so far, by the name that the analysis gives.
    """

    def __init__(self, folder: Path, stored: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.texts: dict[str, str] = {}
        self._stored = dict(stored or {})

    @classmethod
    def of(cls, file: str | None, stored: Mapping[str, str] | None = None) -> Attachments:
        """Files beside an analysis file; without one, in the working directory."""
        return cls(Path.cwd() if file is None else Path(file).parent, stored)

    def text(self, name: str, most: int = MAX_ATTACHED) -> str:
        """Text of a file.

        Parameters
        ----------
        name : str
            Relative to the analysis file, or absolute.
        most : int
            Bytes that the file may have.

        Returns
        -------
        str

        Raises
        ------
        DataError
            If it cannot be read, is too large or no UTF-8 text.
        """
        if name not in self.texts:
            text = self._stored[name] if name in self._stored else self._read(name, most)
            # As results give it back, so that both are the same.
            self.texts[name] = printable(text, "\n\t\r")
            if sum(map(len, self.texts.values())) > MAX_TOTAL:
                raise DataError(
                    f"{name}: the files are larger than {MAX_TOTAL // 10**6} MB in all."
                )
        return self.texts[name]

    def _read(self, name: str, most: int) -> str:
        path = self.folder / name
        try:
            with path.open("rb") as stream:
                raw = stream.read(most + 1)
        except FileNotFoundError:
            raise DataError(f"{name}: no such file in {self.folder.resolve()}.") from None
        except IsADirectoryError:
            raise DataError(f"{name}: this is a directory.") from None
        except (OSError, ValueError) as error:
            raise DataError(
                f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}."
            ) from None
        if len(raw) > most:
            raise DataError(f"{name}: larger than {most // 1_000_000} MB.")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise DataError(f"{name}:{line}: not UTF-8 text.") from None
