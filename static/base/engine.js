// Stands in for the package "engine.io-client" in our bundle: only what socket.io-client's manager imports.
export { Socket } from "../../node_modules/engine.io-client/build/esm/socket.js";
export { installTimerFunctions } from "../../node_modules/engine.io-client/build/esm/util.js";
export { parse } from "../../node_modules/engine.io-client/build/esm/contrib/parseuri.js";
export { nextTick } from "../../node_modules/engine.io-client/build/esm/globals.js";

const left = undefined; // transports socket.io-client names but we leave out
export { left as Fetch, left as NodeXHR, left as XHR, left as NodeWebSocket, left as WebSocket, left as WebTransport };
