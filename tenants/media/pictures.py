"""Decoding a stranger's picture under limits and drawing it anew.

Pillow only warns about decompression bombs, so the warning is an error here, the pixel limit is
ours and the formats are a list. Re-encoding drops EXIF (with GPS), polyglot tails and animation.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from campus.errors import InvalidInput

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # a phone's MPO opens as JPEG
NO_PICTURE = "这个文件不是能用的照片，请选 JPG、PNG 或 WebP 图片。"
TOO_MANY_PIXELS = "照片尺寸太大（超过 4000 万像素），请换一张小一些的。"
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of our own making; width and height in pixels."""

    data: bytes
    width: int
    height: int


def redrawn(data: bytes) -> Picture:
    """Decode ``data`` and encode it anew as JPEG, upright, at most 1600 px on its longer side.

    Raises InvalidInput (field ``photo``) for anything that is no picture or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redraw(data)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InvalidInput({"photo": TOO_MANY_PIXELS}) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInput({"photo": NO_PICTURE}) from error


def _redraw(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as source:
        if source.width * source.height > MOST_PIXELS:
            raise InvalidInput({"photo": TOO_MANY_PIXELS})
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(source)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        flat = Image.new("RGB", upright.size, "white")
        clear = upright.convert("RGBA")
        flat.paste(clear, mask=clear.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), flat.width, flat.height)
