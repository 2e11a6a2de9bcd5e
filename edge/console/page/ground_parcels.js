/** Parcels on /ground: what the site has, and a file more. */

import { toast } from "./account.js";
import { send, upload } from "./api.js";
import { $, button, make, show } from "./dom.js";
import { mark, options, trying } from "./list.js";
import { Refused } from "./signal.js";
import { sure } from "./users_fields.js";
import { named, onLanguage, say, spoken } from "./words.js";

const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const MOST = 30; // findings shown: the first tell what kind of trouble it is
let layers = [], findings = [], again;

/** everywhere: who sees some cameras only has no say in the site's parcels. */
export function parcels({ read, everywhere }) {
  again = read;
  show($("layers"), everywhere);
  $("severity").replaceChildren();
  $("parcels").onsubmit = (event) => (event.preventDefault(), take());
  onLanguage(draw);
}

parcels.show = (found) => {
  layers = found;
  draw();
};

async function take() {
  const values = { layer: $("layer").value.trim(), crs: $("parcel-crs").value.trim(), id: $("parcel-id").value.trim(), name: $("parcel-name").value.trim(), severity: $("severity").value, skip: $("skip").checked || "" };
  const send = $("parcels").querySelector("button");
  send.disabled = true;
  findings = [];
  await trying(async () => {
    try {
      const found = await upload("/parcels", $("file").files[0], values);
      findings = found.findings;
      toast(say("parcels.taken", { n: found.usable }));
      await again();
    } catch (error) {
      if (!(error instanceof Refused && error.told.findings && error.told.fit === false)) throw error;
      findings = error.told.findings.length ? error.told.findings : [{ level: "error", en: error.told.refused.en, zh: error.told.refused.zh }];
    }
  });
  send.disabled = false;
  draw();
}

function draw() {
  const kept = $("severity").value || "medium";
  options($("severity"), SEVERITIES.map((each) => [each, named("severity", each)]));
  $("severity").value = kept;
  $("taken").replaceChildren(...layers.map(line));
  const more = findings.length > MOST ? [make("li", { textContent: say("parcels.more", { n: findings.length - MOST }) })] : [];
  $("findings").replaceChildren(...findings.slice(0, MOST).map(finding), ...more);
}

function line({ layer, severity, crs }) {
  const gone = button(say("parcels.drop"), null, { className: "stop" });
  sure(gone, say("parcels.drop.sure"), () =>
    trying(async () => {
      await send(`/parcels/${encodeURIComponent(layer)}`, null, "DELETE");
      toast(say("parcels.dropped"));
      await again();
    }));
  return make("li", {}, make("strong", { textContent: layer }), make("span", { className: "faint", textContent: crs ?? "" }), mark(named("severity", severity), severity), gone);
}

function finding(each) {
  const todo = each.do?.[spoken()];
  return make("li", { dataset: { kind: each.level }, textContent: [each[spoken()], todo].filter(Boolean).join(spoken() === "zh" ? "；" : "; ") });
}
