import { defineScript } from "../script.js";

/** The time of the engine in microseconds since 1970. O(1). */
export const time = defineScript({ name: "time", kind: "read", keys: ["any"], args: [], lua: "return nowUs" });
