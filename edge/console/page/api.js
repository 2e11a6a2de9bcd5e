/** The console's API, by the session's cookie. */

import { fetched } from "./signal.js";

const ROOT = "/api/v1";
const UPLOADING = 150000; // ms: until it is sent and looked through, which the gateway gives itself 90 s for
let csrf = ""; // shows that this page sent it, and no other: it comes with `me`

/** JSON, or null. Throws Refused, Unreachable. */
export async function get(path, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value != null));
  return (await fetched(`${ROOT}${path}${query.size ? `?${query}` : ""}`)).json();
}

/** What the gateway says to it, or null. patience: ms, where it may take longer. Throws Refused, Unreachable. */
export async function send(path, content, method = "POST", patience = null) {
  const headers = { "X-Sandwatch-CSRF": csrf, ...(content && { "Content-Type": "application/json" }) };
  const body = content && JSON.stringify(content);
  const signal = patience && { signal: AbortSignal.timeout(patience) };
  const text = await (await fetched(ROOT + path, { method, headers, body, ...signal })).text();
  return text ? JSON.parse(text) : null;
}

/** A file as it is; else as `send`. */
export async function upload(path, file, values) {
  const set = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  const headers = { "X-Sandwatch-CSRF": csrf, "Content-Type": "application/octet-stream" };
  const signal = AbortSignal.timeout(UPLOADING);
  return (await fetched(`${ROOT}${path}?${new URLSearchParams(set)}`, { method: "POST", headers, body: file, signal })).json();
}

/** Who we are: { name, role, cameras, may, orders }. Throws Refused, Unreachable. */
export async function me() {
  const told = await get("/me");
  csrf = told.csrf ?? "";
  return told;
}

/** Where file number n of an event is. */
export const fileOf = (event, n) => `${ROOT}/events/${encodeURIComponent(event)}/files/${n}`;

const WIDTHS = [480, 960, 1920]; // px: what the gateway scales a picture to

/** Where a picture of now is, about so many pixels wide: one of 4K is a megabyte over 4G. */
export function stillOf(camera, across) {
  const width = WIDTHS.find((each) => each >= across);
  return `${ROOT}/cameras/${encodeURIComponent(camera)}/still?${new URLSearchParams({ ...(width && { width }), at: Date.now() })}`;
}

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
