import { AldisWire } from "./aldis-wire.js";
import { Http2Wire } from "./http2-wire.js";
import { MqttWire } from "./mqtt-wire.js";
import { NaiveWire } from "./naive-wire.js";
import { NatsWire } from "./nats-wire.js";
import { RedisWire } from "./redis-wire.js";
import { SocketIoWire } from "./socket-io-wire.js";
import { TcpWire } from "./tcp-wire.js";
import { WebSocketWire } from "./websocket-wire.js";
import type { Member, Wire, WireHost } from "./wire.js";

/** Every wire by its name, so that another process can be told which one to speak. */
export const wires = {
  aldis: AldisWire,
  http2: Http2Wire,
  mqtt: MqttWire,
  naive: NaiveWire,
  nats: NatsWire,
  redis: RedisWire,
  "socket.io": SocketIoWire,
  tcp: TcpWire,
  ws: WebSocketWire,
} satisfies Record<string, new (member: Member, host: WireHost) => Wire>;

export type WireName = keyof typeof wires;
