// list.mjs HOST PORT USER SHARE - shares and the top folder, with a ZeroMQ binding alone.
// npm install zeromq; BULKHEAD_BIN: where the programs are.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Dealer } from "zeromq";

const [host, port, user, share] = process.argv.slice(2);

// An instance for the moment: it says where to ask, and ends with this script.
const broker = `${process.env.BULKHEAD_BIN ?? "/usr/bin"}/bulkhead-broker`;
const instance = spawn(broker, ["client", "--private"], { stdio: ["ignore", "pipe", "inherit"] });
const said = await createInterface({ input: instance.stdout })[Symbol.asyncIterator]().next();
if (said.done) process.exit(1);
const directory = said.value.split(" ")[1];

const socket = new Dealer({ linger: 0 });
socket.connect(`ipc://${directory}/broker.sock`);
let id = 0;

async function call(method, fields, ...binary) {
  await socket.send(["BH1", String(++id), method, JSON.stringify(fields), ...binary]);
  const text = (await socket.receive())[3].toString();
  const answer = JSON.parse(text);
  if (answer.message !== undefined) throw new Error(`${method}: ${answer.message}`);
  return { answer, text };
}

// Handles have 64 bits, and JSON.parse would make 53 of them: their digits go back as they came.
const digits = (text, name) => text.match(new RegExp(`"${name}": ?"?(\\d+)`))[1];

try {
  const made = await call("cred.create", { type: 1, kind: "secret", user },
    process.env.BULKHEAD_PASSWORD);
  const cred = digits(made.text, "cred");
  const opened = await call("client.open", { host, port: Number(port), cred });
  const session = digits(opened.text, "session");

  console.log("shares:");
  const { answer: { shares } } = await call("client.shares", { session });
  for (const row of shares) console.log(`  ${row.name}`);

  console.log(`${share}:`);
  let cursor = "0";
  do {
    const page = await call("client.ls", { session, share, cursor });
    for (const entry of page.answer.entries) console.log(`  ${entry.name}`);
    cursor = digits(page.text, "cursor");
  } while (cursor !== "0");

  await call("client.close", { session });
  await call("cred.drop", { cred });
} finally {
  socket.close();
  instance.kill();
}
