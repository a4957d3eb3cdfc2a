# SPDX-License-Identifier: Apache-2.0
# Passes what comes to a Unix socket on to another one, so that a test calls an agent as the user that this program runs as.
#   relay.py LISTEN AGENT [LISTEN AGENT …]
import os
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(listen, agent):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(listen + ".new")
    listener.listen(64)
    os.rename(listen + ".new", listen)
    while True:
        client, _ = listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(agent)
        threading.Thread(target=pump, args=(client, server), daemon=True).start()
        threading.Thread(target=pump, args=(server, client), daemon=True).start()


pairs = sys.argv[1:]
for at in range(0, len(pairs), 2):
    threading.Thread(target=serve, args=(pairs[at], pairs[at + 1])).start()
