"""A small client of Aldis in Python, to show what any language with gRPC needs.

Only `grpcio` and the code that `grpcio-tools` generates from proto/ are used. What is left out here is the way back after a
broken link: log in again with `Hello.resume`, and go on where the counts in `Welcome` say.
"""

import itertools
import queue
import threading

import grpc

from aldis.v1.realtime_service_pb2_grpc import RealtimeServiceStub
from aldis.v1.session_pb2 import Ack, Hello, Ping
from aldis.v1.stream_pb2 import Call, ConnectRequest

HEARTBEAT_SECONDS = 4
CALL_SECONDS = 12


class AldisError(Exception):
    """A refusal by the server. `detail` is its `ErrorDetail`: `detail.code` is for programs, `detail.message` for people."""

    def __init__(self, detail):
        super().__init__(detail.message)
        self.detail = detail


# README:begin
class Session:
    """A user's session: one stream, where calls go up, and results and events come down."""

    def __init__(self, address, app_id, user_id, token):
        self.events = queue.SimpleQueue()
        self._requests = queue.SimpleQueue()
        self._answers = {}
        self._call_ids = itertools.count(1)
        self._channel = grpc.insecure_channel(address)
        self._requests.put(ConnectRequest(hello=Hello(app_id=app_id, user_id=user_id, token=token)))
        self._responses = RealtimeServiceStub(self._channel).Connect(self._send())
        first = next(self._responses)
        if first.HasField("goodbye"):
            raise AldisError(first.goodbye.error)
        threading.Thread(target=self._receive, daemon=True).start()

    def call(self, **request):
        """Calls an operation by its name in `Call`, as in `call(join_channel=JoinChannelRequest(channel="lobby"))`."""
        call_id = next(self._call_ids)
        answer = self._answers[call_id] = queue.SimpleQueue()
        self._requests.put(ConnectRequest(call=Call(call_id=call_id, **request)))
        result = answer.get(timeout=CALL_SECONDS)
        if result.HasField("error"):
            raise AldisError(result.error)
        return getattr(result, result.WhichOneof("outcome"))

    def _send(self):
        while True:
            try:
                yield self._requests.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                yield ConnectRequest(ping=Ping())

    def _receive(self):
        received = Ack()
        for response in self._responses:
            for event in response.events:
                self.events.put(event)
            for result in response.results:
                self._answers.pop(result.call_id).put(result)
            received.events += len(response.events)
            received.results += len(response.results)
            if response.events or response.results:  # A sender's receipt waits for this.
                self._requests.put(ConnectRequest(ack=Ack(events=received.events, results=received.results)))
# README:end
