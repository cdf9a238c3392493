"""Teaches the tester the media type of resumable uploads: bytes as they are."""

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def piece(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()
