"""Plays the client in client.py against a server. The address, the app and two tokens come as variables.

The last line that it prints is `N passed, N failed`.
"""

import os
import pathlib
import subprocess
import sys
import traceback

from aldis.v1.channel_pb2 import JoinChannelRequest, SendChannelMessageRequest
from aldis.v1.error_pb2 import ERROR_CODE_INVALID_TOKEN, ERROR_CODE_PEER_UNREACHABLE
from aldis.v1.message_pb2 import DELIVERY_OUTCOME_DELIVERED, Payload, SendPeerMessageRequest
from aldis.v1.session_pb2 import LogoutRequest
from client import AldisError, Session

EVENT_SECONDS = 10


def log_in(user_id):
    token = os.environ[f"ALDIS_TOKEN_{user_id.upper()}"]
    return Session(os.environ["ALDIS_ADDRESS"], os.environ["ALDIS_APP"], user_id, token)


def next_event(session, kind):
    """The next event of a kind, such as `channel_message`. Others are passed over."""
    while True:
        event = session.events.get(timeout=EVENT_SECONDS)
        if event.WhichOneof("event") == kind:
            return getattr(event, kind)


def refusal_of(action):
    try:
        action()
    except AldisError as refusal:
        return refusal.detail.code
    raise AssertionError("nothing was refused")


def a_peer_message_arrives_and_its_sender_gets_a_receipt(alice, bob):
    request = SendPeerMessageRequest(receiver="bob", payload=Payload(text="ahoy ⚓"))
    response = alice.call(send_peer_message=request)
    message = next_event(bob, "peer_message")
    assert response.outcome == DELIVERY_OUTCOME_DELIVERED, response
    assert (message.sender, message.payload.text, message.message_id) == ("alice", "ahoy ⚓", response.message_id), message


def a_message_to_nobody_is_refused(alice, _bob):
    request = SendPeerMessageRequest(receiver="nobody", payload=Payload(text="?"))
    assert refusal_of(lambda: alice.call(send_peer_message=request)) == ERROR_CODE_PEER_UNREACHABLE


def a_channel_carries_messages_in_the_order_of_their_offsets(alice, bob):
    for session in (alice, bob):
        session.call(join_channel=JoinChannelRequest(channel="harbour"))
    sent = []
    for number in range(3):
        request = SendChannelMessageRequest(channel="harbour", payload=Payload(binary=bytes([number])))
        sent.append((alice.call(send_channel_message=request).position.offset, bytes([number])))
    received = [next_event(bob, "channel_message") for _ in sent]
    assert [(message.offset, message.payload.binary) for message in received] == sent, received


def a_token_that_is_not_one_is_refused(_alice, _bob):
    address, app_id = os.environ["ALDIS_ADDRESS"], os.environ["ALDIS_APP"]
    assert refusal_of(lambda: Session(address, app_id, "alice", "not a token")) == ERROR_CODE_INVALID_TOKEN


def the_shortest_client_runs_as_the_readme_shows_it(_alice, _bob):
    program = pathlib.Path(__file__).with_name("hello.py")
    arguments = [os.environ["ALDIS_ADDRESS"], "carol", os.environ["ALDIS_TOKEN_CAROL"]]
    done = subprocess.run([sys.executable, program, *arguments], capture_output=True, text=True, timeout=20)
    assert done.stdout.splitlines() == ["event: hello, me", "delivered: True"], done


SCENARIOS = [
    a_peer_message_arrives_and_its_sender_gets_a_receipt,
    a_message_to_nobody_is_refused,
    a_channel_carries_messages_in_the_order_of_their_offsets,
    a_token_that_is_not_one_is_refused,
    the_shortest_client_runs_as_the_readme_shows_it,
]


def play(scenario, alice, bob):
    """True if a scenario ends well. Prints its name, and what went wrong."""
    name = scenario.__name__.replace("_", " ")
    try:
        scenario(alice, bob)
    except Exception:
        print(f"failed  {name}\n{traceback.format_exc()}")
        return False
    print(f"ok      {name}")
    return True


def main():
    try:
        alice, bob = log_in("alice"), log_in("bob")
    except Exception:
        print(f"failed  two users log in\n{traceback.format_exc()}\n0 passed, 1 failed")
        return 1
    passed = sum([play(scenario, alice, bob) for scenario in SCENARIOS])
    for session in (alice, bob):
        session.call(logout=LogoutRequest())
    print(f"{passed} passed, {len(SCENARIOS) - passed} failed")
    return 0 if passed == len(SCENARIOS) else 1


sys.exit(main())
