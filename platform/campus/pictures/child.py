"""In the child: a picture decoded under bounds and drawn anew.

The header tells the size before anything is decoded. Pillow only warns about decompression bombs,
so the bounds are ours and the formats are a list. Drawing anew drops EXIF (with GPS), polyglot
tails and animation.
"""

from __future__ import annotations

import io
import json
import warnings
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

# Decoded, each pixel takes up to four bytes: 160 MB at most, and no row or column is absurd.
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # a phone's MPO opens as JPEG
NONE, LARGE = "none", "large"
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
Image.init()  # its readers are loaded in the fork server, once


class TooLargeToDraw(Exception):
    """Its header says so."""


def work(stream: BinaryIO, out: BinaryIO, settings: dict[str, Any]) -> None:
    """One line of JSON: width and height, or what is wrong; then the bytes of the new picture."""
    warnings.simplefilter("ignore")
    try:
        made = _drawn(stream.read(), settings["side"])
        data = _squared(made, settings["side"]) if settings["square"] else _jpeg(made)
    except (TooLargeToDraw, MemoryError, Image.DecompressionBombError):
        out.write(b'{"refused": "%s"}\n' % LARGE.encode())
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        out.write(b'{"refused": "%s"}\n' % NONE.encode())
    else:
        out.write(json.dumps({"width": made.width, "height": made.height}).encode() + b"\n" + data)


def _drawn(data: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as source:
        if max(source.size) > LONGEST_SIDE or source.width * source.height > MOST_PIXELS:
            raise TooLargeToDraw
        source.draft("RGB", (side, side))
        source.thumbnail((side, side))
        upright = ImageOps.exif_transpose(source)
        flat = Image.new("RGB", upright.size, "white")
        clear = upright.convert("RGBA")
        flat.paste(clear, mask=clear.getchannel("A"))
    return flat


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _squared(picture: Image.Image, side: int) -> bytes:
    out = io.BytesIO()
    ImageOps.pad(picture, (side, side), color="white").save(out, "PNG", optimize=True)
    return out.getvalue()
