"""A Postmark on loopback that accepts every mail; prints its port, and serves until terminated."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece

    def do_POST(self) -> None:
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        accepted = [
            {"ErrorCode": 0, "Message": "OK", "MessageID": f"m-{n}", "To": row["To"]}
            for n, row in enumerate(rows)
        ]
        body = json.dumps(accepted).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()
