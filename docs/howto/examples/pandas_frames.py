"""Frames of pandas in mail: a content manager that takes and gives them as text/csv."""

import io

import pandas as pd

from mimekit import MIMEPart, ObjectManager


class FrameManager(ObjectManager):
    """What ObjectManager knows, and frames for text/csv."""

    def __init__(self) -> None:
        super().__init__()
        self.add_set_handler("pandas.DataFrame", self.set_frame)
        self.add_get_handler("text/csv", self.get_frame)

    def set_frame(self, part: MIMEPart, frame: pd.DataFrame, **kw: object) -> None:
        """Fill *part* with *frame*, without its index. RFC 4180, section 3."""
        params = {"header": "present"}
        part.set_content(frame.to_csv(index=False), "csv", params=params, content_manager=ObjectManager, **kw)

    def get_frame(self, part: MIMEPart) -> pd.DataFrame | str:
        """The frame, or the text where pandas cannot read it."""
        text = part.get_content(content_manager=ObjectManager)
        assert isinstance(text, str)
        try:
            return pd.read_csv(io.StringIO(text))
        except (ValueError, pd.errors.ParserError):
            return text
