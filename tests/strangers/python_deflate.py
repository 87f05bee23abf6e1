"""Python's websockets and us, both with permessage-deflate, in either role:

    python3 python_deflate.py ECHO_CLIENT ws://127.0.0.1:8467/

Our echo server is at the URL; our echo client is started against a server of Python's."""

import asyncio
import itertools
import json
import sys

try:
    import websockets
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
    from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
except ImportError:
    print("skipped: there is no Python package websockets")
    sys.exit(77)

# Messages that refer to each other, one that is longer than any window, one that cannot be compressed, and an empty one.
CHAT = [json.dumps({"from": "alice", "text": f"message number {i} of a good many"}) for i in range(60)]
NOISE = bytes((i * i * 2654435761 >> 13) & 255 for i in range(70000))
MESSAGES = CHAT + ["", "x" * 200000, "ä€𐍈." * 20000, NOISE, bytes(100000)] + CHAT


async def against_our_server(url, parameters):
    offer = ClientPerMessageDeflateFactory(**parameters)
    async with websockets.connect(url, compression=None, extensions=[offer], max_size=None) as connection:
        assert connection.extensions, f"declined: {parameters}"
        for message in MESSAGES:
            await connection.send(message)
            assert await connection.recv() == message, f"came back wrong: {message[:50]!r}"
        await connection.send([b"frag", b"men", b"ted"])
        assert await connection.recv() == b"fragmented"
    assert connection.close_code == 1000, f"closed with {connection.close_code}: {parameters}"


async def against_our_client(echo_client, options, parameters):
    agreed = []

    async def echo(connection, path=None):
        agreed.append(bool(connection.extensions))
        async for message in connection:
            await connection.send(message)

    server = ServerPerMessageDeflateFactory(**parameters)
    async with websockets.serve(echo, "127.0.0.1", 0, compression=None, extensions=[server]) as listening:
        port = listening.sockets[0].getsockname()[1]
        texts = CHAT + ["", "y" * 100000] + CHAT
        client = await asyncio.create_subprocess_exec(
            echo_client, *options, f"ws://127.0.0.1:{port}/", *texts, stdout=asyncio.subprocess.PIPE)
        output = (await client.communicate())[0].decode()
        assert client.returncode == 0, f"our client failed: {options} {output[-500:]}"
        assert agreed == [True], f"not agreed: {options} {parameters}"
        back = [line[2:] for line in output.splitlines() if line.startswith("< ")]
        assert back == texts, f"came back wrong: {options} {parameters}"


async def main(echo_client, url):
    count = 0
    for ours, theirs, bits in itertools.product((False, True), (False, True), (None, 9, 12)):
        await against_our_server(url, {
            "server_no_context_takeover": ours, "client_no_context_takeover": theirs,
            "server_max_window_bits": bits, "client_max_window_bits": True if bits is None else bits})
        count += 1
    for options in ([], ["--deflate-window", "9"], ["--deflate-window", "8"], ["--no-context-takeover"]):
        for no_takeover, bits in itertools.product((False, True), (None, 10)):
            await against_our_client(echo_client, ["--deflate-from", "0"] + options, {
                "client_no_context_takeover": no_takeover, "client_max_window_bits": bits})
            count += 1
    print("Python's websockets", websockets.__version__, "is content with", count, "agreements")


asyncio.run(main(sys.argv[1], sys.argv[2]))
