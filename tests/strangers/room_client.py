"""Python's websockets, one of three in a chat room:    python3 room_client.py ws://127.0.0.1:8467/ NAME

Waits until three are there, says one thing, and prints what each of the three has said, in the order of the room.
"""

import asyncio
import json
import sys

import websockets


async def main(url, name):
    async with websockets.connect(url) as connection:

        async def send(**message):
            await connection.send(json.dumps(message))

        await send(type="join", name=name)
        people, said = set(), 0
        while said < 3:
            message = json.loads(await connection.recv())
            if message["type"] == "welcome":
                people = set(message["members"]) - {message["bot"]}
            elif message["type"] == "joined":
                people.add(message["name"])
            elif message["type"] == "message":
                said += 1
                print(message["seq"], message["from"] + ":", message["text"])
            if message["type"] in ("welcome", "joined") and len(people) == 3:
                await send(type="say", text=f"{name} was here: ä€𐍈")


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 500))
