/** A camera added or changed: found on the network or pasted, tried out, and written into the site file. */

import { toast } from "./account.js";
import { get, send } from "./api.js";
import { $, button, make, show, write } from "./dom.js";
import { mistakes } from "./findings.js";
import { facts, mark, trying } from "./list.js";
import { because } from "./shell.js";
import { say, spoken } from "./words.js";

const LONG = 75000; // ms: the gateway gives a camera a minute

export class Setup {
  #changed; #was = null; #sha256 = null; #onvif = null; #record = null; #names = []; #tried = null; #lists = {};

  /** changed(): the cameras are to be read anew. */
  constructor(changed) {
    this.#changed = changed;
    $("discover").onclick = () => this.#discover();
    $("test").onclick = () => this.#test();
    $("save").onclick = () => this.#save();
    $("drop").onclick = () => this.#drop();
    $("cancel").onclick = () => $("setup").close();
    $("camera").onsubmit = (event) => event.preventDefault();
    $("camera-url").oninput = () => this.#forget();
  }

  /** names: that are taken. */
  async add(names) {
    this.#names = names;
    await trying(async () => this.#open(null, (await get("/setup/cameras")).sha256));
  }

  async edit(name) {
    await trying(async () => {
      const { sha256, cameras } = await get("/setup/cameras");
      this.#open(cameras.find((each) => each.name === name), sha256);
    });
  }

  async pause(name, paused) {
    await send(`/setup/cameras/${encodeURIComponent(name)}`, { enabled: !paused }, "PATCH");
    toast(say(paused ? "setup.paused" : "setup.resumed"));
    this.#changed();
  }

  /** In the language of now. */
  draw() {
    write($("setup-title"), this.#was ? say("setup.edit", { name: this.#was.name }) : say("setup.add"));
    write($("save"), say(this.#was ? "setup.save" : this.#tried === "no" ? "setup.add.anyway" : "setup.add"));
    $("camera-password").placeholder = this.#was?.password ? say("setup.password.kept") : "";
    this.#lists.draw?.();
  }

  #open(camera, sha256) {
    [this.#was, this.#sha256, this.#onvif, this.#record, this.#lists] = [camera, sha256, null, null, {}];
    for (const [id, value] of [["url", camera?.url], ["user", camera?.username], ["password", ""], ["name", camera?.name], ["title", camera?.title], ["fps", camera?.fps]])
      $(`camera-${id}`).value = value ?? "";
    $("camera-name").disabled = camera !== null;
    show($("finding"), camera === null);
    show($("drop"), camera !== null);
    for (const id of ["sought", "unsaved"]) write($(id), "");
    $("found").replaceChildren();
    $("mistakes").replaceChildren();
    this.#forget();
    this.draw();
    $("setup").showModal();
  }

  /** Another address is another camera: what was measured says nothing of it. */
  #forget() {
    this.#tried = null;
    write($("tested"), "");
    show($("result"), false);
    $("save").disabled = this.#was === null;
    this.draw();
  }

  async #discover() {
    await during($("discover"), $("sought"), say("setup.searching"), async () => {
      const { cameras } = await send("/setup/discover", { ...this.#login(), hosts: $("hosts").value.split(/[\s,，;；]+/).filter(Boolean) }, "POST", LONG);
      write($("sought"), say(cameras.length ? "setup.sought" : "setup.nobody", { n: cameras.length }));
      $("found").replaceChildren(...cameras.map((each) => this.#row(each)));
    });
  }

  #row({ host, title, problem, camera }) {
    const words = problem?.[spoken()] ?? (camera ? camera.url : say("setup.needs.login"));
    const text = make("span", {}, make("strong", { textContent: `${title || host}` }), make("small", { textContent: `${host} · ${words}` }));
    const take = () => {
      this.#onvif = camera.onvif ?? null;
      $("camera-url").value = camera.url;
      this.#record = camera.record ?? null;
      $("camera-name").value = this.#free(camera.name);
      $("camera-title").value = camera.title ?? "";
      this.#forget();
      this.#test();
    };
    return make("li", {}, text, ...(camera ? [button(say("setup.take"), take)] : []));
  }

  #free(name) {
    let free = name;
    for (let n = 2; this.#names.includes(free); n++) free = `${name}-${n}`;
    return free;
  }

  async #test() {
    const url = $("camera-url").value.trim();
    if (!url) return $("camera-url").focus();
    this.#forget();
    await during($("test"), $("tested"), say("setup.testing"), async () => {
      this.#tried = "no";
      const found = await send("/setup/try", { url, ...this.#login(), ...(this.#was && { camera: this.#was.name }) }, "POST", LONG);
      this.#tried = "yes";
      write($("tested"), "");
      this.#lists = { draw: () => this.#verdicts(found) };
      if (found.picture) $("shot").src = `data:image/jpeg;base64,${found.picture}`;
      show($("shot"), Boolean(found.picture));
      show($("result"), true);
      if (!$("camera-name").value && found.camera) $("camera-name").value = this.#free(found.camera.name);
    });
    $("save").disabled = false;
    this.draw();
  }

  #verdicts({ verdicts, facts: rows }) {
    $("shot").alt = say("setup.shot");
    $("verdicts").replaceChildren(
      ...verdicts.map((each) => make("li", {}, mark(say(`weight.${each.weight}`), WEIGHTS[each.weight]), make("span", { textContent: each[spoken()] }))),
    );
    $("measured").replaceChildren(...facts(rows.map(([words, value]) => [words[spoken()], value[spoken()]])).children);
  }

  #login() {
    const [username, password] = [$("camera-user").value.trim(), $("camera-password").value];
    return { ...(username && { username }), ...(password && { password }) };
  }

  async #save() {
    const url = $("camera-url").value.trim();
    const title = $("camera-title").value.trim();
    const fps = Number($("camera-fps").value) || null;
    const login = this.#login();
    await this.#kept(async () => {
      if (this.#was) {
        const told = {
          ...(url !== (this.#was.url ?? "") && { url }),
          ...(title !== (this.#was.title ?? "") && { title }),
          ...(fps !== this.#was.fps && { fps }),
          ...((login.username ?? "") !== (this.#was.username ?? "") && { username: login.username ?? "" }),
          ...(login.password && { password: login.password }),
          based_on: this.#sha256,
        };
        await send(`/setup/cameras/${encodeURIComponent(this.#was.name)}`, told, "PATCH");
      } else {
        const name = $("camera-name").value.trim();
        const told = { name, url, ...(title && { title }), ...(fps && { fps }), ...(this.#record && { record: this.#record }), ...(this.#onvif && { onvif: this.#onvif }), ...login, based_on: this.#sha256 };
        await send("/setup/cameras", told);
      }
      toast(say("setup.saved"));
    });
  }

  async #drop() {
    if (confirm(say("setup.drop.sure", { name: this.#was.name })))
      await this.#kept(async () => {
        await send(`/setup/cameras/${encodeURIComponent(this.#was.name)}`, undefined, "DELETE");
        toast(say("setup.dropped"));
      });
  }

  async #kept(work) {
    $("mistakes").replaceChildren();
    await during($("save"), $("unsaved"), say("setup.saving"), async () => {
      try {
        await work();
      } catch (error) {
        $("mistakes").replaceChildren(...mistakes(error));
        throw error;
      }
      $("setup").close();
      this.#changed();
    });
  }
}

const WEIGHTS = { ok: "closed", note: "medium", warn: "high" };

/** The button is dead meanwhile; what went wrong stands where the words stood. */
async function during(control, place, words, work) {
  control.disabled = true;
  write(place, words);
  try {
    await work();
    if (place.textContent === words) write(place, "");
  } catch (error) {
    write(place, because(error));
    if (error.told?.code === "camera.login_elsewhere") $("camera-password").focus();
  }
  control.disabled = false;
}
