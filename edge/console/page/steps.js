/** What a step of a case says, in the events' timeline and in the case's course. */

import { make } from "./dom.js";
import { moment, named, say, spoken } from "./words.js";

/** Elements. data: a step, or the data of its message. */
export function told(data) {
  const lines = [
    data.by && data.by !== "sandwatch" && data.by.replace(/^user:/, ""),
    data.whistle && data.overdue && named("whistle", data.whistle),
    data.unit && `${say("fact.unit")}: ${data.unit}`,
    data.officers?.length && `${say("fact.officers")}: ${data.officers.join(", ")}`,
    data.called && `${say("fact.officers")}: ${data.called}`,
    data.deadline && `${say("field.deadline")}: ${moment(data.deadline)}`,
    data.finding && `${say("field.finding")}: ${data.finding}`,
    data.references?.length && data.references.join(", "),
    data.grade && named("grade", data.grade),
    data.remark,
    data.code && data.reason?.[spoken()],
  ];
  return lines.filter(Boolean).map((textContent) => make("span", { textContent }));
}
