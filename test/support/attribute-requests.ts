// The requests about attributes that tests of the server make. Values are given as objects; a Map takes any key.
import {
  AttributeNotice,
  ClearChannelAttributesRequest,
  ClearUserAttributesRequest,
  DeleteChannelAttributesRequest,
  DeleteUserAttributesRequest,
  GetChannelAttributesRequest,
  GetUserAttributesRequest,
  SetChannelAttributesRequest,
  SetUserAttributesRequest,
  UpdateChannelAttributesRequest,
  UpdateUserAttributesRequest,
} from "../../gen/aldis/v1/attribute.js";

type Values = Readonly<Record<string, string>> | ReadonlyMap<string, string>;
type Expected = { readonly expectedRevision?: number };

const { CHANGE } = AttributeNotice;

function mapOf(values: Values): Map<string, string> {
  return new Map(values instanceof Map ? values : Object.entries(values));
}

export function setOwn(values: Values, more: Expected = {}) {
  const value = SetUserAttributesRequest.create({ attributes: mapOf(values), ...more });
  return { $case: "setUserAttributes" as const, value };
}

export function updateOwn(values: Values, more: Expected = {}) {
  const value = UpdateUserAttributesRequest.create({ attributes: mapOf(values), ...more });
  return { $case: "updateUserAttributes" as const, value };
}

export function deleteOwn(...keys: string[]) {
  return { $case: "deleteUserAttributes" as const, value: DeleteUserAttributesRequest.create({ keys }) };
}

export function clearOwn() {
  return { $case: "clearUserAttributes" as const, value: ClearUserAttributesRequest.create() };
}

export function getOf(userId: string, more: Partial<GetUserAttributesRequest> = {}) {
  return { $case: "getUserAttributes" as const, value: GetUserAttributesRequest.create({ userId, ...more }) };
}

/** A write to the channel "room" that its members are told of. */
export function setRoom(values: Values, more: Expected & { readonly notice?: AttributeNotice } = {}) {
  const value = SetChannelAttributesRequest.create({ channel: "room", attributes: mapOf(values), notice: CHANGE, ...more });
  return { $case: "setChannelAttributes" as const, value };
}

export function updateRoom(values: Values, more: Expected & { readonly notice?: AttributeNotice } = {}) {
  const value = UpdateChannelAttributesRequest.create({ channel: "room", attributes: mapOf(values), notice: CHANGE, ...more });
  return { $case: "updateChannelAttributes" as const, value };
}

export function deleteRoom(...keys: string[]) {
  const value = DeleteChannelAttributesRequest.create({ channel: "room", keys, notice: CHANGE });
  return { $case: "deleteChannelAttributes" as const, value };
}

export function clearRoom() {
  const value = ClearChannelAttributesRequest.create({ channel: "room", notice: CHANGE });
  return { $case: "clearChannelAttributes" as const, value };
}

export function getRoom(...keys: string[]) {
  return { $case: "getChannelAttributes" as const, value: GetChannelAttributesRequest.create({ channel: "room", keys }) };
}

/** The values of attributes by key, as an object. */
export function valuesOf(attributes: ReadonlyMap<string, { readonly value: string }> | undefined): Record<string, string> {
  return Object.fromEntries([...(attributes ?? [])].map(([key, { value }]) => [key, value]));
}
