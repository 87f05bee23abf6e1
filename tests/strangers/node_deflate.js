// Node's ws and us, both with permessage-deflate, in either role:
//
//     node node_deflate.js ECHO_CLIENT ws://127.0.0.1:8467/
//
// Our echo server is at the URL; our echo client is started against a server of Node's.
let WebSocket;
try {
  WebSocket = require("ws");
} catch {
  console.log("skipped: there is no Node package ws");
  process.exit(77);
}
const assert = require("assert");
const { execFile } = require("child_process");
const { once } = require("events");
const { promisify } = require("util");

// Messages that refer to each other, one that is longer than any window, one that cannot be compressed, and an empty one.
const chat = Array.from({ length: 60 }, (_, i) => JSON.stringify({ from: "alice", text: `message ${i} of a good many` }));
const noise = Buffer.from(Array.from({ length: 70000 }, (_, i) => Math.imul(i * i, 2654435761) >>> 13));
const messages = [...chat, "", "x".repeat(200000), noise, Buffer.alloc(1000000), ...chat];

async function againstOurServer(url, perMessageDeflate) {
  const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0, ...perMessageDeflate } });
  await once(socket, "open");
  assert.strictEqual(socket.extensions, "permessage-deflate");
  for (const message of messages) {
    socket.send(message);
    const [answer] = await once(socket, "message");
    assert(answer.equals(Buffer.from(message)), `came back wrong: ${message.slice(0, 50)}`);
  }
  for (const part of ["frag", "men", "ted"]) socket.send(part, { fin: part === "ted" });
  assert.strictEqual(String((await once(socket, "message"))[0]), "fragmented");
  socket.close(1000);
  assert.strictEqual((await once(socket, "close"))[0], 1000);
}

async function againstOurClient(echoClient, options, perMessageDeflate) {
  const server = new WebSocket.Server({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0, ...perMessageDeflate } });
  await once(server, "listening");
  let agreed = "nobody came";
  server.on("connection", (socket) => {
    agreed = socket.extensions;
    socket.on("message", (message, binary) => socket.send(message, { binary }));
  });
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const texts = [...chat, "", "y".repeat(100000), ...chat];
  const { stdout } = await promisify(execFile)(echoClient, ["--deflate-from", "0", ...options, url, ...texts],
    { maxBuffer: 16 * 1024 * 1024 });
  const back = stdout.split("\n").filter((line) => line.startsWith("< ")).map((line) => line.slice(2));
  assert.deepStrictEqual(back, texts);
  assert.strictEqual(agreed, "permessage-deflate");
  server.close();
}

async function main(echoClient, url) {
  let count = 0;
  for (const noTakeover of [false, true]) {
    for (const bits of [undefined, 9, 12]) {
      await againstOurServer(url, {
        serverNoContextTakeover: noTakeover, clientNoContextTakeover: noTakeover,
        serverMaxWindowBits: bits, clientMaxWindowBits: bits,
      });
      await againstOurClient(echoClient, bits ? ["--deflate-window", String(bits)] : [], {
        serverNoContextTakeover: noTakeover, clientNoContextTakeover: noTakeover,
      });
      count += 2;
    }
  }
  await againstOurClient(echoClient, ["--no-context-takeover"], {});
  console.log("Node's ws is content with", count + 1, "agreements");
}

main(process.argv[2], process.argv[3]).catch((error) => {
  console.log(error);
  process.exit(1);
});
