#!/usr/bin/env python3
"""zlib, by way of Python, and our deflate_pipe: each inflates what the other has deflated, message by message.

    zlib_stranger.py DEFLATE_PIPE
"""
import random
import subprocess
import sys
import zlib

TAIL = b"\x00\x00\xff\xff"


def message(rng):
    size = rng.choice([0, 1, 5, 140, 140, 600, 5000, 40000, 200000])
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(size)
    if kind == 1:
        return bytes(size)
    words = [b"frame", b"mask", b"close", b'{"id":', b'"text":"', b"ping", b"\n", b" the ", b"and ", b"0", b"17"]
    out = b""
    while len(out) < size:
        out += rng.choice(words) if kind == 2 else bytes([rng.choice(b"aeiou tnshr")])
    return out[:size]


class Ours:
    """Asks the pipe: a letter, a length of four bytes, the bytes; it answers with a length and bytes."""

    def __init__(self, program, bits):
        self.process = subprocess.Popen([program, str(bits)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, letter, data):
        self.process.stdin.write(letter + len(data).to_bytes(4, "big") + data)
        self.process.stdin.flush()
        size = int.from_bytes(self.process.stdout.read(4), "big")
        return self.process.stdout.read(size)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def try_window(program, bits, rng):
    ours = Ours(program, bits)
    compress = zlib.compressobj(rng.choice([1, 6, 9]), zlib.DEFLATED, -max(bits, 9)) if bits > 8 else None
    decompress = zlib.decompressobj(-bits)
    count = 0
    for _ in range(60):
        text = message(rng)
        back = decompress.decompress(ours.ask(b"d", text) + TAIL)
        assert back == text, f"zlib inflates {len(text)} bytes of ours to something else, at {bits} bits"
        if compress:
            theirs = compress.compress(text) + compress.flush(zlib.Z_SYNC_FLUSH)
            theirs = theirs[:-4] if theirs else b"\x00"  # a second flush of nothing is nothing
            back = ours.ask(b"i", theirs)
            assert back == text, f"we inflate {len(text)} bytes of zlib's to something else, at {bits} bits"
        count += 1
    assert ours.close() == 0, "the pipe did not end well"
    return count


def main():
    rng = random.Random(1951)
    count = sum(try_window(sys.argv[1], bits, rng) for bits in range(8, 16))
    print(f"{count} messages both ways")


main()
