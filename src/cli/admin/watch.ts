import { WatchedEventKind } from "../../../gen/aldis/v1/admin_service.js";
import type { CliContext } from "../context.js";
import { escapeControls } from "../escape.js";
import { type TlsOptions, tlsHint } from "../tls.js";
import type { Admin } from "./connection.js";
import { eventJson, eventLine } from "./views.js";

export interface WatchOptions extends TlsOptions {
  readonly kind?: readonly string[];
  readonly resume?: string;
  readonly json?: boolean;
}

/** The kinds of event that can be asked for, as people type them. */
export const watchedKinds: Readonly<Record<string, WatchedEventKind>> = {
  login: WatchedEventKind.LOGIN,
  logout: WatchedEventKind.LOGOUT,
  join: WatchedEventKind.JOIN,
  leave: WatchedEventKind.LEAVE,
};

/** `aldis admin watch`: a line for each event, until the command is asked to stop or the server refuses to go on. */
export function watch({ client, appId }: Admin, options: WatchOptions, context: CliContext): Promise<number> {
  const kinds = (options.kind ?? []).flatMap((name) => watchedKinds[name] ?? []);
  return new Promise((resolve, reject) => {
    let trouble = "";
    const stop = client.watch(
      { appId, kinds, resumeToken: options.resume ?? "" },
      {
        onEvent(event) {
          trouble = "";
          const line = options.json ? JSON.stringify(eventJson(event)) : escapeControls(eventLine(event));
          context.output.write(`${line}\n`);
        },
        // Each trouble once: the watch is tried again every second, for hours if need be.
        onInterrupted({ codeName, message }) {
          const explained = `${escapeControls(message)}; trying again${tlsHint(message, options)}`;
          if (codeName !== trouble) context.errors.write(`${codeName}: ${explained}\n`);
          trouble = codeName;
        },
        onRefused: reject,
      },
    );
    context.onStop(() => {
      stop();
      resolve(0);
    });
  });
}
