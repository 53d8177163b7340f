// A server of ws. It prints its port. From the environment:
//   POD      the pod's name, in the header X-Pod, the cookie pod and the first message
//   PING     milliseconds between pings; none without it
//   LIFETIME milliseconds after which it ends a socket, with a close frame if CODE is set
const { WebSocketServer } = require("ws");

const { POD = "chat-0", PING, LIFETIME, CODE } = process.env;
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT || 0) });

server.on("headers", (headers) => headers.push(`X-Pod: ${POD}`, `Set-Cookie: pod=${POD}; Path=/`));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.send(JSON.stringify({ pod: POD }));
  const pings = PING && setInterval(() => socket.ping(), Number(PING));
  socket.on("close", () => clearInterval(pings));
  if (LIFETIME) setTimeout(() => (CODE ? socket.close(Number(CODE), "bye") : socket.terminate()), Number(LIFETIME));
});
server.on("listening", () => console.log(server.address().port));
