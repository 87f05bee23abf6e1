# For reading with a debugger open:    gdb -x walkthrough/websock.gdb build/bin/mask_test
#
#     test ID        runs to the beginning of the test with that id:     test 5.3-07
#     failures       stops at every check that fails, and goes up into its test
#     wire BYTES     the frames in a ByteView, a span or a Bytes:        81 85 37fa213d 7f9f4d5158 = text, fin, ...
#     wire HEADER    a FrameHeader, as to_string() prints it
#     bits BYTES     a frame in binary, with the names of its fields
#     bits BYTE      one byte in binary, and what it says as the first and as the second of a frame
#
# `wire` and `bits` need a gdb with Python, as nearly every gdb is (Debian's gdb-minimal is not). The others do not; but
# without Python, gdb shows what a span or a string is made of, and not what it holds.

set confirm off
set print pretty on
set breakpoint pending on

# `step` enters our functions, but not those of the standard library and of the test framework.
skip -gfi /usr/include/c++/*/*
skip -gfi /usr/include/c++/*/*/*
skip -gfi tests/check.h

# ---- Tests ----

define test
  run --stop $arg0
  if $_thread == 0
    echo There is no such test. The program lists its tests: --list\n
  else
    frame function check::run
    advance *test.run
  end
end
document test
Run to the beginning of a test: test ID
Of several with that id, to the first. `continue` leads to the next, or the end.
end

define failures
  break check_failed
  commands
    up 2
  end
end
document failures
Stop at every check that fails, in the frame of its test.
end

# ---- Frames ----

python
import gdb
import gdb.xmethod

# payload[0] for the debugger, also where the program has no use for span's operator[].
at = gdb.xmethod.SimpleXMethodMatcher("span", r"^std::span<.*>$", r"^operator\[\]$",
                                      lambda span, i: span["_M_ptr"][i], gdb.lookup_type("unsigned long"))
gdb.xmethod.register_xmethod_matcher(None, at, True)

OPCODES = {0x0: "continuation", 0x1: "text", 0x2: "binary", 0x8: "close", 0x9: "ping", 0xA: "pong"}


def evaluate(expression):
    value = gdb.parse_and_eval(expression)
    return value.referenced_value() if value.type.code == gdb.TYPE_CODE_REF else value


def type_name(value):
    return value.type.strip_typedefs().unqualified().name or ""


def elements(value):
    """What a span, a vector, an array or an optional holds; None if it is nothing of that kind."""
    visualizer = gdb.default_visualizer(value)
    if hasattr(visualizer, "children"):
        return [element for _, element in visualizer.children()]
    if type_name(value).startswith("std::array<"):
        value = value[value.type.fields()[0]]
    array = value.type.strip_typedefs()
    if array.code != gdb.TYPE_CODE_ARRAY:
        return None
    first, last = array.range()
    return [value[i] for i in range(first, last + 1)]


def is_header(value):
    return type_name(value) == "websock::FrameHeader"


def to_string(fin, rsv, opcode, key, length):
    words = [OPCODES.get(opcode, "reserved")] + ["fin"] * fin
    words += ["rsv%d" % bit for bit in (1, 2, 3) if rsv & 0b10000000 >> bit]
    words += ["masked " + key.hex()] if key else []
    return ", ".join(words + ["%d byte%s" % (length, "" if length == 1 else "s")])


def cut(frame):
    """Two bytes, an extended length, a masking key, and what is behind the header, each as far as it is there."""
    second = frame[1] if len(frame) > 1 else 0
    key_at = 2 + {126: 2, 127: 8}.get(second & 0b01111111, 0)
    payload_at = key_at + (4 if second & 0b10000000 else 0)
    return frame[:2], frame[2:key_at], frame[key_at:payload_at], frame[payload_at:], payload_at


class Wire(gdb.Command):
    """Print the frames in some bytes, or a frame's header: wire EXPRESSION"""

    def __init__(self):
        super().__init__("wire", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        value = evaluate(argument)
        content = elements(value)
        if is_header(value):
            self.header(value)
        elif content and is_header(content[0]):  # it was optional
            self.header(content[0])
        elif content == [] and type_name(value).startswith("std::optional<"):
            print("nothing")
        elif content is not None:
            self.frames(bytes(int(element) for element in content))
        else:
            raise gdb.GdbError("That is neither bytes nor a frame's header.")

    def header(self, header):
        key = [bytes(int(byte) for byte in elements(each)) for each in elements(header["masking_key"])]
        numbers = [int(header[field]) for field in ("fin", "rsv", "opcode")]
        print(to_string(*numbers, key[0] if key else b"", int(header["payload_length"])))

    def frames(self, data):
        if not data:
            print("no bytes")
        while data:
            start, extended, key, rest, payload_at = cut(data)
            length = int.from_bytes(extended, "big") if extended else start[-1] & 0b01111111
            payload = rest[:length]
            shown = [start.hex(" "), extended.hex(), key.hex(), payload[:16].hex() + "..." * (len(payload) > 16)]
            print(" ".join(filter(None, shown)), end=" = ")
            if len(data) < payload_at:  # which is 2 at least
                print("not all of a header")
                return
            text = to_string(start[0] >> 7, start[0] & 0b01110000, start[0] & 0b1111, key, length)
            print(text + (", %d of them to come" % (length - len(payload)) if len(payload) < length else ""))
            data = rest[length:]


class Bits(gdb.Command):
    """Print a byte, or the bytes of a frame, in binary and with the names of the fields: bits EXPRESSION"""

    def __init__(self):
        super().__init__("bits", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        value = evaluate(argument)
        content = elements(value)
        if content is None:
            if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
                raise gdb.GdbError("That is neither a byte nor bytes.")
            byte = int(value) & 0xFF
            character = ["'%c'" % byte] if 0x20 <= byte < 0x7F else []
            self.line(byte, ", or ".join(character + [self.first(byte), self.second(byte)]))
            return
        start, extended, key, rest, _ = cut(bytes(int(element) for element in content))
        names = [name(byte) for name, byte in zip((self.first, self.second), start)]
        names += ["length"] * len(extended) + ["masking key"] * len(key) + ["payload"] * min(len(rest), 8)
        for byte, name in zip(start + extended + key + rest, names):
            self.line(byte, name)
        if len(rest) > 8:
            print("    and %d more" % (len(rest) - 8))

    def line(self, byte, name):
        print("%02x  %s %s  %s" % (byte, format(byte >> 4, "04b"), format(byte & 0b1111, "04b"), name))

    def first(self, byte):
        opcode = byte & 0b1111
        name = OPCODES.get(opcode, "reserved")
        return "FIN %d RSV %s opcode %x (%s)" % (byte >> 7, format(byte >> 4 & 0b111, "03b"), opcode, name)

    def second(self, byte):
        return "MASK %d length %d" % (byte >> 7, byte & 0b01111111)


Wire()
Bits()
end
