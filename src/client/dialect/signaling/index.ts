// The public face of `aldis/signaling`: the interface of Agora Signaling 1.4.
export { AgoraAPI, AgoraAPI as AgoraAPIOnlySignal, configure } from "./api.js";
export { AgoraCallbacks } from "./callbacks.js";
export { AgoraEcode, type AttributeUpdate, LoginState } from "./codes.js";
export type { SignalingOptions } from "./session.js";
