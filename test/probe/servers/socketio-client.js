// Clients of Socket.io that connect one after the other, as a browser does: by polling
// first, and by a WebSocket once that works. It prints how many had a WebSocket in the end,
// and the errors of the others. Arguments: the URL, the address that the URL's host has,
// how many clients, and the header Cookie that they all begin with, in which {client} is a
// client's number.
const { Agent } = require("http");
const { io } = require("socket.io-client");

const [url, address, clients, cookie = ""] = process.argv.slice(2);
const agent = new Agent({
  lookup: (host, options, callback) => (options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)),
});
const patience = 10000;

// connect resolves to how a client ended: "websocket", or its error.
function connect(number) {
  const headers = cookie && { extraHeaders: { cookie: cookie.replace("{client}", number) } };
  const socket = io(url, { agent, withCredentials: !cookie, reconnection: false, forceNew: true, timeout: patience, ...headers });
  return new Promise((resolve) => {
    const end = (how) => {
      resolve(how);
      socket.disconnect();
    };
    socket.on("connect_error", (error) => end(error.context?.responseText || error.message));
    socket.on("disconnect", (reason, details) => end(details?.context?.responseText || reason));
    socket.io.on("open", () => {
      const engine = socket.io.engine;
      engine.on("upgradeError", (error) => end(error.message));
      engine.on("upgrade", () => end(engine.transport.name));
    });
    setTimeout(() => end("nothing happened for 10 s"), patience);
  });
}

async function main() {
  const ended = {};
  for (let number = 0; number < Number(clients); number++) {
    const how = await connect(number);
    ended[how] = (ended[how] || 0) + 1;
  }
  console.log(JSON.stringify(ended));
  process.exit(0);
}

main();
