"""A chat through proxies, over TLS:    python3 proxy_client.py CERTIFICATE WSS_URL...

Then, without a proxy, what anybody may claim about where they are:    python3 proxy_client.py WS_URL
"""

import asyncio
import json
import ssl
import sys
from urllib.parse import urlsplit

import websockets


async def join(url, name, **options):
    connection = await websockets.connect(url, ping_interval=None, **options)
    await connection.send(json.dumps({"type": "join", "name": name}))
    assert json.loads(await connection.recv())["type"] == "welcome"
    return connection


async def hear(connection, kind):
    while (message := json.loads(await connection.recv()))["type"] != kind:
        pass
    return message


async def chat(url, tls):
    origin = "https://" + urlsplit(url).netloc
    # They come from 127.0.0.2, and one of them pretends to come from somewhere else.
    here = {"ssl": tls, "origin": origin, "local_addr": ("127.0.0.2", 0)}
    ada = await join(url, "Ada", extra_headers={"X-Forwarded-For": "203.0.113.66"}, **here)
    bob = await join(url, "Bob", **here)
    assert (await hear(ada, "joined"))["name"] == "Bob"
    for speaker in (ada, bob):
        text = "Long enough for more than one record of TLS. " * 80
        await speaker.send(json.dumps({"type": "say", "text": text}))
        assert [(await hear(each, "message"))["text"] for each in (ada, bob)] == [text.strip()] * 2
    await bob.close(4001, "bye")
    assert bob.close_code == 4001, "the code was not echoed"
    assert (await hear(ada, "left"))["name"] == "Bob"
    await ada.close()
    try:
        await websockets.connect(url, ssl=tls, origin="https://elsewhere.example")
        raise AssertionError("another site's page may connect")
    except websockets.InvalidStatusCode as refused:
        assert refused.status_code == 403


async def claim_addresses(url):
    for name, lines in {
        "one": ["203.0.113.1"],
        "rightmost": ["203.0.113.66, 2001:db8::2"],
        "joined": ["203.0.113.66", "203.0.113.66,203.0.113.3"],
        "nonsense": ["203.0.113.66, unknown"],
    }.items():
        connection = await join(url, name, extra_headers=[("X-Forwarded-For", line) for line in lines])
        await connection.close()


async def main(arguments):
    if len(arguments) == 1:
        await claim_addresses(arguments[0])
        return
    tls = ssl.create_default_context(cafile=arguments[0])
    for url in arguments[1:]:
        await chat(url, tls)


asyncio.run(asyncio.wait_for(main(sys.argv[1:]), 300))
