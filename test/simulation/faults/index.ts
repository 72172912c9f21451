import type { Fault } from "./fault.js";
import { cut, halfOpen, stall, tunnel } from "./link.js";
import { crash, drain } from "./node.js";

/** All that goes wrong. A new kind of fault is a file and a line here. */
export const faults: readonly Fault[] = [cut, halfOpen, stall, tunnel, crash, drain];
