import type { Link, LinkListener } from "../session/link.js";

/** Takes a new connection of a client, whatever it runs over, and gives the one who hears what comes. */
export type Accept = (link: Link) => LinkListener;
