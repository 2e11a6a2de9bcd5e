/** Words of /map: [English, Chinese]. */

export default {
  "map.label": ["Map: arrow keys move it, plus and minus enlarge and reduce it", "地图：方向键平移，加减键缩放"],
  "map.hours": ["Events of", "事件时间"],
  "map.hours.24": ["the last day", "近一天"],
  "map.hours.168": ["the last week", "近一周"],
  "map.hours.720": ["the last 30 days", "近 30 天"],
  "map.parcels": ["Parcels", "地块"],
  "map.views": ["What cameras see", "摄像机视域"],
  "map.view": ["What {name} sees", "{name} 的视域"],
  "map.north": ["N", "北"],
  "map.closer": ["Closer", "放大"],
  "map.wider": ["Wider", "缩小"],
  "map.all": ["All", "全图"],
  "map.nowhere": [
    "Nobody knows yet where things are: fill in the site's position in the settings, and measure the cameras in on the ground page.",
    "尚无位置信息：请在设置中填写站点位置，并在地面标定页标定摄像机。",
  ],
  "map.away": ["Not measured in yet, so not on the map: {names}.", "尚未标定、未在地图上显示：{names}。"],
  "map.count": ["{n} events with a place.", "有位置的事件 {n} 个。"],
  "map.left": ["{n} parcels far away are not drawn.", "另有 {n} 个较远地块未绘出。"],
};
