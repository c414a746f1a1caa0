"""What schemathesis cannot know of the station: what an image is, and which two parameters go together."""

import base64
import datetime

import schemathesis
from hypothesis import strategies


def picture(level, width, height):
    return b"P5 %d %d 255\n" % (width, height) + bytes([level]) * (width * height)


pictures = strategies.builds(
    picture, strategies.sampled_from((0, 100, 255)), strategies.integers(1, 70), strategies.integers(1, 70))

for kind in ("png", "jpeg", "tiff", "bmp", "webp", "x-portable-graymap", "x-portable-pixmap"):
    schemathesis.openapi.media_type(f"image/{kind}", pictures)
schemathesis.openapi.media_type("application/octet-stream", pictures)
schemathesis.openapi.format("image-base64", pictures.map(lambda bytes: base64.b64encode(bytes).decode()))


@schemathesis.hook
def before_call(context, case, kwargs):
    """No schema can say that one parameter is not greater than another; what is valid but for that is made so."""
    query = case.query or {}
    after, before = number(query.get("after")), number(query.get("before"))
    if after is not None and before is not None and after >= before:
        del query["after"]
    if "to" in query:
        query.pop("until", None)
    end = "to" if "to" in query else "until"
    first, last = seconds(query.get("from")), seconds(query.get(end))
    if first is not None and last is not None and first > last:
        query["from"], query[end] = query[end], query["from"]


def number(value):
    return int(value) if isinstance(value, int) or isinstance(value, str) and value.isdecimal() else None


def seconds(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        return datetime.datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
