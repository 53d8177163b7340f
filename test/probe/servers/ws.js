// A server of ws. It prints its port. From the environment:
//   HOST     the address it listens on; this machine only without it
//   POD      the pod's name, in the header X-Pod, the cookie pod and the first message
//   PING     milliseconds between pings; none without it
//   LIFETIME milliseconds after which it ends a socket, with a close frame if CODE is set
const { createServer } = require("http");
const { WebSocketServer } = require("ws");

const { HOST = "127.0.0.1", POD = "chat-0", PING, LIFETIME, CODE } = process.env;
const http = createServer((request, response) => response.end());
const server = new WebSocketServer({ server: http });

server.on("headers", (headers) => headers.push(`X-Pod: ${POD}`, `Set-Cookie: pod=${POD}; Path=/`));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.send(JSON.stringify({ pod: POD }));
  const pings = PING && setInterval(() => socket.ping(), Number(PING));
  socket.on("close", () => clearInterval(pings));
  if (LIFETIME) setTimeout(() => (CODE ? socket.close(Number(CODE), "bye") : socket.terminate()), Number(LIFETIME));
});
http.listen(Number(process.env.PORT || 0), HOST, () => console.log(http.address().port));
