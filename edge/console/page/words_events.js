/** Words of /events: [English, Chinese]. */

export default {
  "events.none": ["No events.", "没有事件。"],
  "events.more": ["Older ones", "更早的事件"],
  "event.picture": ["{kind} of {camera}, {time}", "{camera} {time} 的{kind}"],
  "event.open": ["Open at full size", "查看原图"],
  "event.gone": ["This file is not on the box any more.", "此文件已不在本网关上。"],
  "event.nofiles": ["No picture yet.", "暂无图片。"],
  "event.timeline": ["Timeline", "时间线"],
  "event.case": ["Go to its case", "查看案件"],
  "event.of": ["Go to its event", "查看事件"],
  "whistle.quick": ["quick whistle", "快捷哨"],
  "whistle.joint": ["joint whistle", "攻坚哨"],
  "whistle.emergency": ["emergency whistle", "应急哨"],
};
