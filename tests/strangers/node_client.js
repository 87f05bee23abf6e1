// Node's ws against our echo server:    node node_client.js ws://127.0.0.1:8467/
let WebSocket;
try {
  WebSocket = require("ws");
} catch {
  console.log("skipped: there is no Node package ws");
  process.exit(77);
}
const assert = require("assert");
const { once } = require("events");

const sizes = [0, 1, 125, 126, 65535, 65536, 16 * 1024 * 1024];

async function main(url) {
  const socket = new WebSocket(url, { maxPayload: 64 * 1024 * 1024 }); // offers permessage-deflate, which is declined
  await once(socket, "open");
  assert.strictEqual(socket.extensions, "");
  for (const size of sizes) {
    for (const binary of [false, true]) {
      const message = Buffer.alloc(size, "websock");
      socket.send(message, { binary });
      const [answer, isBinary] = await once(socket, "message");
      assert(answer.equals(message) && isBinary === binary, `${size} bytes came back wrong`);
    }
  }
  for (const part of ["frag", "men", "ted"]) socket.send(part, { fin: part === "ted" });
  assert.strictEqual(String((await once(socket, "message"))[0]), "fragmented");
  socket.ping("are you there?");
  assert.strictEqual(String((await once(socket, "pong"))[0]), "are you there?");
  socket.close(4001, "bye");
  const [code] = await once(socket, "close");
  assert.strictEqual(code, 4001);
  console.log("Node's ws is content");
}

main(process.argv[2]).catch((error) => {
  console.log(error);
  process.exit(1);
});
