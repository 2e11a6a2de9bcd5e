/** The console's API, by the session's cookie. */

import { fetched } from "./signal.js";

const ROOT = "/api/v1";
let csrf = ""; // shows that this page sent it, and no other: it comes with `me`

/** JSON, or null. Throws Refused, Unreachable. */
export async function get(path, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value != null));
  return (await fetched(`${ROOT}${path}${query.size ? `?${query}` : ""}`)).json();
}

/** What the gateway says to it, or null. Throws Refused, Unreachable. */
export async function send(path, content) {
  const headers = { "X-Sandwatch-CSRF": csrf, ...(content && { "Content-Type": "application/json" }) };
  const body = content && JSON.stringify(content);
  const response = await fetched(ROOT + path, { method: "POST", headers, body });
  return response.status === 204 ? null : response.json();
}

/** Who we are: { name, role, cameras, may, orders }. Throws Refused, Unreachable. */
export async function me() {
  const told = await get("/me");
  csrf = told.csrf ?? "";
  return told;
}

/** Where file number n of an event is. */
export const fileOf = (event, n) => `${ROOT}/events/${encodeURIComponent(event)}/files/${n}`;

/** What changes, as it comes. heard(kind, data); fresh(): read the lists, now and after every gap; phase("up" or
    "connecting"); allowed(): whether we still are. Works as long as that. */
export function follow({ heard, fresh, phase, allowed }) {
  phase("connecting");
  const source = new EventSource(`${ROOT}/changes`);
  source.onopen = () => {
    phase("up");
    fresh();
  };
  source.onerror = () => {
    phase("connecting");
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(async () => (await allowed()) && follow({ heard, fresh, phase, allowed }), AGAIN);
  };
  for (const kind of ["event", "case", "camera", "box"])
    source.addEventListener(kind, ({ data }) => heard(kind, JSON.parse(data)));
}

const AGAIN = 5000; // ms: the gateway said no, so nobody is waiting for the answer
