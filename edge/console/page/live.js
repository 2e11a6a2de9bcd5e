/** /live: the cameras of the box, as many at a time as are chosen. */

import { $, make, show } from "./dom.js";
import { begin } from "./pass.js";
import { address } from "./signal.js";
import { View } from "./view.js";
import { onLanguage } from "./words.js";

const OPEN = "sandwatch.cameras";
const views = new Map(); // by the camera's name

begin(({ token, places: { cameras, ice } }) => {
  show($("cameras"), true);
  show($("none"), !cameras.length);
  const kept = JSON.parse(sessionStorage.getItem(OPEN) ?? "[]");
  for (const camera of cameras) {
    const box = make("input", { type: "checkbox", checked: kept.includes(camera.name) });
    box.onchange = () => choose(camera, box, { token, ice });
    $("choice").append(make("label", { className: "choice" }, box, camera.title ?? camera.name));
    choose(camera, box, { token, ice });
  }
  onLanguage(() => views.forEach((view) => view.rename()));
});

function choose(camera, box, { token, ice }) {
  const closed = () => {
    box.checked = false;
    choose(camera, box, {});
  };
  if (box.checked && !views.has(camera.name)) {
    const name = camera.title ?? camera.name;
    const view = new View({ path: address("whep", camera.name), token, ice, name, closed, sound: true });
    views.set(camera.name, view);
    $("tiles").append(view.element);
  } else if (!box.checked) {
    views.get(camera.name)?.close();
    views.delete(camera.name);
  }
  show($("hint"), !views.size);
  sessionStorage.setItem(OPEN, JSON.stringify([...views.keys()]));
}
