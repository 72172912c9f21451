/** A user of an app. Every port takes the app id, so nothing can cross apps by accident. */
export interface UserKey {
  readonly appId: string;
  readonly userId: string;
}

/** A channel of an app. */
export interface ChannelKey {
  readonly appId: string;
  readonly channel: string;
}

/** A text that is different for different keys, whatever characters the ids have. */
export function keyText(appId: string, id: string): string {
  return `${appId.length}:${appId}${id}`;
}

/** The text of a channel's key, as `keyText` has it. */
export function channelText({ appId, channel }: ChannelKey): string {
  return keyText(appId, channel);
}

/** The app id and the id of which `keyText` made the text. */
export function fromKeyText(text: string): [appId: string, id: string] {
  const start = text.indexOf(":") + 1;
  const end = start + Number.parseInt(text, 10);
  return [text.slice(start, end), text.slice(end)];
}
