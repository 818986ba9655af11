"""Talks to a running `chronus play` as programs in Python do, by python-osc. Prints what comes back, a line each.

    clients.py PORT
"""

import sys
import threading
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_server import ThreadingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

port = int(sys.argv[1])
lock = threading.Lock()
seen = set()


def hear(address, *args):
    with lock:
        if address in ("/beat", "/level"):
            key = address if address == "/beat" else f"/level {args[0]}"
            if key not in seen:
                seen.add(key)
                print(key, "float" if isinstance(args[-1], float) else "int", flush=True)
        else:
            print(address, *args, flush=True)


dispatcher = Dispatcher()
dispatcher.set_default_handler(hear)
server = ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = SimpleUDPClient("127.0.0.1", port)
# Answers go to where messages come from; with python-osc that is another socket than the server's, unless it is the same.
client._sock = server.socket

client.send_message("/ping", [1, 2.5, "three", True, None])
client.send_message("/mod/a/osc/tune", 12)
client.send_message("/mod/a/gain", 0.5)
client.send_message("/mod/a/gain", [])
client.send_message("/subscribe", [])
client.send_message("/gate/a", [1, "c4"])
client.send_message("/gate/a", False)
client.send_message("/mod/a/nowhere", 1.0)

bundle = OscBundleBuilder(time.time() + 0.2)
for address, value in [("/mod/a/gain", 0.25), ("/seq/bpm", 150.0)]:
    message = OscMessageBuilder(address)
    message.add_arg(value)
    bundle.add_content(message.build())
client.send(bundle.build())
time.sleep(1.0)
client.send_message("/seq/status", [])
time.sleep(0.5)
server.shutdown()
