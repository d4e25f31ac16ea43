"""Pillow's images in mail: a content manager that takes and gives them."""

import io

from PIL import Image

from mimekit import MIMEPart, ObjectManager


class PillowManager(ObjectManager):
    """What ObjectManager knows, and Pillow's images for image/*."""

    def __init__(self) -> None:
        super().__init__()
        self.add_set_handler("PIL.Image.Image", self.set_image)
        self.add_get_handler("image", self.get_image)

    def set_image(self, part: MIMEPart, image: Image.Image, **kw: object) -> None:
        """Fill *part* with *image*: in the format it was opened from, else as PNG."""
        file = io.BytesIO()
        chosen = image.format or "PNG"
        image.save(file, chosen)
        subtype = Image.MIME[chosen].partition("/")[2]
        part.set_content(file.getvalue(), "image", subtype, content_manager=ObjectManager, **kw)

    def get_image(self, part: MIMEPart) -> Image.Image | bytes:
        """The image, or its octets where Pillow cannot read it."""
        try:
            image = Image.open(io.BytesIO(part.octets))
            image.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return part.octets
        return image
