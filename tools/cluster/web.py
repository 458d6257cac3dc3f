"""The cluster on a web page, which asks for the state twice a second and has a button for each thing that can fail."""
import http.server
import json
import os
import threading

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html")


def serve(port, state, act):
    """Starts the server on this machine's own address; its port. `act` gets the path of what a button posts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Two things to get, and what buttons post."""

        def answer(self, kind, text, status=200):
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):  # pylint: disable=invalid-name
            if self.path == "/":
                with open(PAGE, encoding="utf-8") as file:
                    self.answer("text/html; charset=utf-8", file.read())
            elif self.path == "/state":
                self.answer("application/json", json.dumps(state()))
            else:
                self.answer("text/plain", "no such page\n", 404)

        def do_POST(self):  # pylint: disable=invalid-name
            # A page of another site can post, but cannot set this header.
            known = self.headers.get("X-Castle") == "1" and act(self.path)
            self.answer("text/plain", "done\n" if known else "no such thing to do\n", 200 if known else 404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
