"""Python's websockets against our echo server:    python3 python_client.py ws://127.0.0.1:8467/"""

import asyncio
import sys

try:
    import websockets
except ImportError:
    print("skipped: there is no Python package websockets")
    sys.exit(77)

SIZES = [0, 1, 125, 126, 65535, 65536, 16 * 1024 * 1024]


async def main(url):
    # compression=None: permessage-deflate would only be declined; ping_interval=None: we send our own.
    async with websockets.connect(url, max_size=None, ping_interval=None) as connection:
        for size in SIZES:
            for message in ("ä€𐍈."[: size % 4] + "x" * (size - size % 4), bytes(i % 251 for i in range(size))):
                await connection.send(message)
                answer = await connection.recv()
                assert answer == message and type(answer) is type(message), f"{size} bytes came back wrong"
        await connection.send(["frag", "men", "ted"])
        assert await connection.recv() == "fragmented"
        for payload in (b"", b"\xff" * 125):
            await asyncio.wait_for(await connection.ping(payload), 30)
        await connection.close(4001, "bye")
        assert (connection.close_code, connection.close_reason) == (4001, ""), "the code was not echoed"
    async with websockets.connect(url, ping_interval=None) as connection:
        await connection.send("Hello")
        assert await connection.recv() == "Hello"
    assert connection.close_code == 1000
    print("Python's websockets", websockets.__version__, "is content")


asyncio.run(main(sys.argv[1]))
