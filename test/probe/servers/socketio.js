// A server of Socket.io, with its polling fallback. It prints its port. From the environment:
//   HOST          the address it listens on; this machine only without it
//   POD           the pod's name, in the header X-Pod and the cookie pod of every answer but an error
//   PING_INTERVAL milliseconds between the messages of its heartbeat
//   PING_TIMEOUT  milliseconds in which a client has to answer one
const { createServer } = require("http");
const { Server } = require("socket.io");

const { HOST = "127.0.0.1", POD = "chat-0", PING_INTERVAL = "25000", PING_TIMEOUT = "20000" } = process.env;
const http = createServer((request, response) => response.end());
const io = new Server(http, { pingInterval: Number(PING_INTERVAL), pingTimeout: Number(PING_TIMEOUT) });

io.engine.on("headers", (headers) => {
  headers["X-Pod"] = POD;
  headers["Set-Cookie"] = `pod=${POD}; Path=/`;
});
io.on("connection", (socket) => socket.emit("pod", POD));
http.listen(Number(process.env.PORT || 0), HOST, () => console.log(http.address().port));
