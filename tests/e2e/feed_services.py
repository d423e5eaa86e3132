"""Local services that stand in for public ones: one that answers by path, one that talks nonsense, one that never answers."""
import http.server
import json
import socket
import threading


class LocalService:
    """An HTTP server on a port of its own; `reply(path)` answers (status, headers, bytes) to every GET."""

    def __init__(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, data = service.reply(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Service(LocalService):
    """Answers by path, (status, headers, body) each; what it was asked is kept."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        super().__init__()

    def reply(self, path):
        self.asked.append(path)
        status, headers, body = self.answers.get(path.split("?")[0], (404, {}, {"detail": "nothing here"}))
        return status, headers, body.encode() if isinstance(body, str) else json.dumps(body).encode()


class TalksNonsense(LocalService):
    """What a broken or hostile service might say, one after the other, whatever it is asked."""

    SAID = [b"", b"<html>busy</html>", b"[" * 5000, b'{"data":{"data":[{"from":"2026-13-45T99:99Z"}]}}', b"\x00\xff\xfe" * 100,
            b'{"hourly":{"time":["2026-07-15T16:00"],"temperature_2m":["hot"]},"utc_offset_seconds":0}',
            b'{"success":true,"result":{"fields":7,"records":[{"SETTLEMENT_DATE":"x","SETTLEMENT_PERIOD":-1e308}]}}',
            b'{"results":[{"incidentreference":null,"geopoint":[]}],"total_count":1e18}', b'{"data":[{"startTime":"now","price":1e999}]}']

    def __init__(self):
        self.count = 0
        super().__init__()

    def reply(self, _):
        self.count += 1
        return 200, {}, self.SAID[(self.count - 1) % len(self.SAID)]

    def asked_times(self):
        return self.count


class Hangs:
    """Takes every connection and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.held = []
        self.thread = threading.Thread(target=self.hold)
        self.thread.start()

    def hold(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.held.append(client)

    def asked_times(self):
        return len(self.held)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for client in self.held:
            client.close()
