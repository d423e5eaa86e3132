"""A model on loopback that speaks openai-chat and follows a script: which functions it calls for a question, and how it words what they gave."""
import http.server
import json
import threading


class ScriptedModel:
    """`script(question)` answers a list of (function, arguments) to call, and `words(question, results)` the text after them."""

    def __init__(self, script, words):
        self.script, self.words = script, words
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append((dict(self.headers), body))
                answer = json.dumps(outer.answer(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def answer(self, body):
        messages = body["messages"]
        question = next(message["content"] for message in messages if message["role"] == "user")
        results = [json.loads(message["content"]) for message in messages if message["role"] == "tool"]
        calls = self.script(question, results)
        if calls:
            message = {"role": "assistant", "content": None,
                       "tool_calls": [{"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
                                      for i, (name, arguments) in enumerate(calls)]}
        else:
            message = {"role": "assistant", "content": self.words(question, results)}
        return {"model": "scripted-1", "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 50, "completion_tokens": 10}}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
