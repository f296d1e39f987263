"""Start the peer: `python -m crowdecon.sandbox --data FOLDER --port N`."""

import argparse
from pathlib import Path

from crowdecon.sandbox.server import LOOPBACK, Peer, Server
from crowdecon.sandbox.store import Store


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--data", type=Path, required=True, help="the folder of its memory")
    given.add_argument("--port", type=int, required=True, help="listens on the loopback address alone")
    given.add_argument("--address", default="", help="where browsers reach it, if not there")
    given.add_argument("--allow", action="append", default=[], help="a further host that word may be sent to")
    asked = given.parse_args()
    address = asked.address or f"http://127.0.0.1:{asked.port}"
    peer = Peer(Store(asked.data), address=address, allowed=(*LOOPBACK, *asked.allow))
    server = Server(asked.port, peer)
    peer.postman.start()
    server.serve_forever()


if __name__ == "__main__":
    main()
