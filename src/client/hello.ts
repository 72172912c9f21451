import { AttributeLifetime, Capability, Hello } from "../../gen/aldis/v1/session.js";
import type { ClientOptions } from "./options.js";

const CLIENT_NAME = "aldis-ts";
const PROTOCOL_REVISION = 1;

/** What this client can take. */
const capabilities = [
  Capability.BINARY_MESSAGES,
  Capability.INVITATIONS,
  Capability.ATTRIBUTES,
  Capability.PRESENCE_SUBSCRIPTIONS,
];

/** The first message of a stream, without what is to be resumed. */
export function helloOf(options: ClientOptions, token: string): Hello {
  const { appId, userId, deviceLabel, maxBatchDelayMs, attributesEndWithSession = false } = options;
  return Hello.create({
    appId,
    userId,
    token,
    deviceLabel,
    clientName: CLIENT_NAME,
    protocolRevision: PROTOCOL_REVISION,
    capabilities,
    maxBatchDelayMs,
    attributeLifetime: attributesEndWithSession ? AttributeLifetime.SESSION : AttributeLifetime.KEPT,
  });
}
