"""The shortest client of Aldis: it logs in, sends itself a message, and waits for the receipt. client.py is a fuller one."""

# README:begin
import queue
import sys

import grpc

from aldis.v1.message_pb2 import Payload, SendPeerMessageRequest
from aldis.v1.realtime_service_pb2_grpc import RealtimeServiceStub
from aldis.v1.session_pb2 import Ack, Hello
from aldis.v1.stream_pb2 import Call, ConnectRequest

address, user, token = sys.argv[1:]
requests = queue.SimpleQueue()
requests.put(ConnectRequest(hello=Hello(app_id="dev", user_id=user, token=token)))
responses = RealtimeServiceStub(grpc.insecure_channel(address)).Connect(iter(requests.get, None))
first = next(responses)
if not first.HasField("welcome"):
    sys.exit(first.goodbye.error.message)
message = SendPeerMessageRequest(receiver=user, payload=Payload(text="hello, me"))
requests.put(ConnectRequest(call=Call(call_id=1, send_peer_message=message)))
received = Ack()
for response in responses:
    for event in response.events:
        print("event:", event.peer_message.payload.text)
    received.events += len(response.events)
    received.results += len(response.results)
    requests.put(ConnectRequest(ack=received))  # the receipt waits for this
    for result in response.results:
        print("delivered:", result.send_peer_message.outcome == 2)
        requests.put(None)
# README:end
