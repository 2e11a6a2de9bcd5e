/** The words of the pages, in English or Chinese. They stand in words_*.js, by page. */

import frame from "./words_frame.js";
import events from "./words_events.js";
import cases from "./words_cases.js";
import cameras from "./words_cameras.js";
import settings from "./words_settings.js";
import talk from "./words_talk.js";
import ground from "./words_ground.js";
import health from "./words_health.js";
import map from "./words_map.js";
import users from "./words_users.js";
import zones from "./words_zones.js";

const KEPT = "sandwatch.language";
const WORDS = { ...frame, ...events, ...cases, ...cameras, ...settings, ...talk, ...ground, ...health, ...map, ...users, ...zones };

let language = localStorage.getItem(KEPT) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
const listeners = new Set();

/** "en" or "zh". */
export const spoken = () => language;

/** fn runs now and whenever the language changes. */
export function onLanguage(fn) {
  listeners.add(fn);
  fn();
}

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem(KEPT, language);
  listeners.forEach((fn) => fn());
}

/** The words for a key, {values} filled in. A key nobody knows is shown as it is. */
export function say(key, values = {}) {
  const text = WORDS[key]?.[language === "en" ? 0 : 1] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** What the gateway calls something, in words; a name of its own that nobody knows here is shown as it is. */
export const named = (group, name) => {
  const key = `${group}.${name}`;
  return key in WORDS ? say(key) : String(name);
};

/** A moment as people here write it. at: RFC 3339, or s since 1970. */
export const moment = (at) =>
  new Date(typeof at === "number" ? at * 1000 : at).toLocaleString(language === "en" ? "en-GB" : "zh-CN", {
    month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });

/** A notice of floor.js: by key, or already in both languages. */
export const told = (notice) => (notice.key ? say(notice.key, notice.values) : notice[language]);

/** Fill in what the HTML only names: data-say for text, data-label for those who cannot see. */
export function translate() {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
  for (const each of document.querySelectorAll("[data-label]")) each.ariaLabel = say(each.dataset.label);
  document.title = `${say(document.documentElement.dataset.title)} · Sandwatch`;
}

/** m:ss */
export const clock = (ms) => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
