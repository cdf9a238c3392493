"""Logs in and prints the access token; on the way makes a place and a submission, so that lists are not empty."""

import base64
import hashlib
import json
import sys
import urllib.request
import uuid

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def ask(method, url, token=None, body=None, kind="application/json"):
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Content-Type": kind}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def main(address, username, password):
    api = address + "/api/v1"
    session = ask("POST", api + "/auth/login", body={"username": username, "password": password})
    token, user = session["access_token"], session["user"]
    if user["role"] == "commune_officer":
        place = {
            "commune": user["commune"],
            "village": "Thôn Thử",
            "place": "Cổng " + str(uuid.uuid4()),
            "cell": "banner.2",
            "due": "2026-12-31",
        }
        made = ask("POST", api + "/assignments", token, place)
        digest = hashlib.sha256(PICTURE).hexdigest()
        report = {
            "assignment_id": made["id"],
            "captured_at": "2026-06-15T11:58:00+07:00",
            "location": None,
            "photos": [{"sha256": digest, "bytes": len(PICTURE)}],
        }
        submission = api + "/submissions/" + str(uuid.uuid4())
        ask("PUT", submission, token, report)
        ask("PUT", submission + "/photos/" + digest, token, PICTURE, "image/png")
    print(token)


main(*sys.argv[1:])
