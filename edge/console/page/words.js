/** Every word of the pages, in English and Chinese. */

const KEPT = "sandwatch.language";
const WORDS = {
  "title.talk": ["Talk", "对讲"],
  "title.live": ["Live", "实时画面"],
  "title.events": ["Events", "事件"],
  "title.cases": ["Cases", "案件"],
  "title.cameras": ["Cameras", "摄像机"],
  "nav.label": ["Pages", "页面"],
  "language.other": ["中文", "English"],
  "login.title": ["Who are you?", "身份验证"],
  "login.token": ["Access token", "访问令牌"],
  "login.help": [
    "Talk and live pictures open with a token from the command centre. It is kept until you close this window.",
    "对讲与实时画面需使用指挥中心发放的令牌，仅保存到关闭此窗口为止。",
  ],
  "login.enter": ["Continue", "继续"],
  "login.leave": ["Sign out", "退出"],
  "login.checking": ["Checking…", "正在验证…"],
  "groups.title": ["Talk groups", "对讲组"],
  "groups.none": ["This token opens no talk group.", "此令牌没有可用的对讲组。"],
  "groups.as": ["I am", "我的身份"],
  "groups.join": ["Join", "加入"],
  "groups.listen": ["Listen", "收听"],
  "groups.leave": ["Leave group", "离开对讲组"],
  "groups.members": ["{n} members", "{n} 名成员"],
  "link.connecting": ["Connecting…", "正在连接…"],
  "link.up": ["Connected", "已连接"],
  "link.waiting": ["Connection lost, trying again", "连接中断，正在重试"],
  "link.seconds": ["in {seconds} s", "{seconds} 秒后"],
  "link.now": ["Try now", "立即重试"],
  "link.stopped": ["Not connected", "未连接"],
  "link.unreachable": ["The gateway does not answer.", "网关无响应。"],
  "link.noway": [
    "No sound or picture gets through. Check the network; a firewall may block UDP.",
    "音视频无法传输。请检查网络，防火墙可能阻止了 UDP。",
  ],
  "link.replaced": ["You are connected in another window or on another device.", "您已在其他窗口或设备上连接。"],
  "link.here": ["Talk here instead", "改在此处对讲"],
  "floor.idle": ["Channel free", "频道空闲"],
  "floor.listening": ["Listening only", "仅收听"],
  "floor.other": ["{name} speaks", "{name} 正在讲话"],
  "floor.other.emergency": ["EMERGENCY: {name} speaks", "紧急：{name} 正在讲话"],
  "floor.calling": ["Calling {name}…", "正在呼叫 {name}…"],
  "floor.asking": ["Asking for the floor…", "正在请求话权…"],
  "floor.granted": ["You speak", "您正在讲话"],
  "floor.granted.emergency": ["EMERGENCY: you speak", "紧急：您正在讲话"],
  "floor.queued": ["Hold on: number {n} in line", "请按住等待：排队第 {n} 位"],
  "floor.over": ["Let go of the button", "请松开按钮"],
  "floor.left": ["{time} left", "剩余 {time}"],
  "button.talk": ["Hold to talk", "按住讲话"],
  "button.talk.key": ["or hold the space bar", "或按住空格键"],
  "button.talking": ["Speak now", "请讲话"],
  "button.asking": ["One moment…", "请稍候…"],
  "button.queued": ["Keep holding", "请继续按住"],
  "button.over": ["Let go", "请松开"],
  "button.mute": ["You cannot speak", "无法讲话"],
  "button.interrupt": ["Hold to interrupt", "按住插话"],
  "button.takeback": ["Silence the speaker", "收回话权"],
  "button.emergency": ["Emergency", "紧急呼叫"],
  "button.emergency.how": ["hold 1.5 s", "长按 1.5 秒"],
  "emergency.by": ["Emergency: {names}", "紧急情况：{names}"],
  "emergency.end": ["End emergency", "解除紧急"],
  "emergency.end.of": ["End emergency of {name}", "解除 {name} 的紧急状态"],
  "meter.in": ["Sound level", "声音电平"],
  "denied.taken": ["Somebody else speaks.", "他人正在讲话。"],
  "denied.retry_after": ["You spoke for too long. Try again in {seconds} s.", "讲话超时，请 {seconds} 秒后再试。"],
  "denied.receive_only": ["You may only listen in this group.", "您在本组仅可收听。"],
  "denied.queue_full": ["Too many are waiting. Try again soon.", "排队人数已满，请稍后再试。"],
  "revoked.too_long": ["Your time is over.", "讲话时间已到。"],
  "revoked.taken_back": ["An operator took the floor back.", "调度员已收回话权。"],
  "revoked.preempted": ["Somebody of higher priority interrupted you.", "更高优先级成员已插话。"],
  "revoked.silent": ["Nothing was heard of you. Check microphone and network.", "未收到您的声音，请检查麦克风和网络。"],
  ending: ["Your time is nearly over.", "讲话时间即将结束。"],
  "device.mic": ["Microphone", "麦克风"],
  "device.camera": ["Camera", "摄像头"],
  "device.denied": [
    "{device}: not allowed. Allow it for this site (the lock beside the address, or the phone's settings), then try again.",
    "{device}未获允许。请点击地址栏旁的锁形图标或在手机设置中允许本站使用，然后重试。",
  ],
  "device.none": ["{device}: none found. Plug one in, then try again.", "未找到{device}。请接入设备后重试。"],
  "device.busy": ["{device}: another program uses it. Close that, then try again.", "{device}被其他程序占用。请关闭该程序后重试。"],
  "device.insecure": [
    "{device}: browsers allow it over https only. Open this page by its https address.",
    "浏览器仅允许通过 https 使用{device}。请使用 https 地址打开本页。",
  ],
  "device.failed": ["{device}: cannot be used. Try again.", "{device}无法使用，请重试。"],
  "device.gone": ["{device}: unplugged or switched off. Try again.", "{device}已断开或被关闭，请重试。"],
  "device.again": ["Try again", "重试"],
  "device.hear": ["You can still hear the others.", "您仍可收听他人讲话。"],
  "sound.blocked": ["Sound is off: the browser waits for a touch.", "声音已关闭：浏览器需要您点击一次。"],
  "sound.on": ["Turn sound on", "打开声音"],
  "camera.show": ["Show my camera", "打开我的摄像头"],
  "camera.hide": ["Stop my camera", "关闭我的摄像头"],
  "camera.own": ["My camera, as the others see it", "我的摄像头（他人所见）"],
  "members.title": ["Members", "成员"],
  "members.here": ["here", "在线"],
  "members.away": ["away", "离线"],
  "members.speaks": ["speaks", "讲话中"],
  "members.me": ["{name} (me)", "{name}（我）"],
  "role.operator": ["operator", "调度员"],
  "role.body_camera": ["body camera", "执法记录仪"],
  "role.speaker": ["loudspeaker", "扬声器"],
  "view.see": ["See", "查看"],
  "view.see.of": ["See the picture of {name}", "查看 {name} 的画面"],
  "view.close": ["Close", "关闭"],
  "view.large": ["Large", "放大"],
  "view.sound": ["Sound on", "打开声音"],
  "view.mute": ["Sound off", "关闭声音"],
  "silent.none": ["This camera sends no sound.", "此摄像机没有声音。"],
  "silent.off": ["The sound of cameras is switched off on this box.", "本机已关闭摄像机声音。"],
  "silent.codec": ["Browsers do not play this camera's sound.", "浏览器无法播放此摄像机的声音。"],
  "silent.busy": ["The box converts the sound of as many cameras as it may.", "本机声音转码路数已达上限。"],
  "view.title": ["Pictures", "画面"],
  "view.connecting": ["Connecting…", "正在连接…"],
  "view.first": ["Waiting for the first picture…", "等待首帧画面…"],
  "view.live": ["Live", "实时"],
  "view.still": ["No new picture for {seconds} s", "已 {seconds} 秒没有新画面"],
  "view.waiting": ["{why} Trying again in {seconds} s.", "{why}{seconds} 秒后重试。"],
  "view.again": ["Try again", "重试"],
  "live.title": ["Cameras", "摄像机"],
  "live.none": ["This token opens no camera.", "此令牌没有可查看的摄像机。"],
  "live.hint": ["Choose the cameras to watch.", "请选择要查看的摄像机。"],
  "ring.private": ["{by} calls you", "{by} 呼叫您"],
  "ring.event": ["Group call: {subject}", "事件群呼：{subject}"],
  "ring.answer": ["Answer", "接听"],
  "ring.ignore": ["Not now", "稍后"],
  "call.title.private": ["Private call", "单呼"],
  "call.title.event": ["Event call", "事件群呼"],
  "call.one": ["Call", "呼叫"],
  "call.one.of": ["Call {name} alone", "单独呼叫 {name}"],
  "call.end": ["Hang up", "挂断"],
  "closed.hung_up": ["The call was ended.", "通话已结束。"],
  "closed.declined": ["The call was declined.", "通话被拒绝。"],
  "closed.no_answer": ["Nobody answered.", "无人接听。"],
  "closed.alone": ["The others left the call.", "其他人已离开通话。"],
  "closed.stopped": ["The gateway is being stopped.", "网关正在停止。"],
  "entry.title": ["Sign in", "登录"],
  "entry.help": ["With your account on this box.", "请使用本网关的账号。"],
  "entry.first.title": ["First start", "首次启动"],
  "entry.first.help": [
    "Make the first administrator. The code stands in the box's journal; sandwatch users code shows it again.",
    "创建首位管理员。启动代码见网关日志，也可运行 sandwatch users code 再次查看。",
  ],
  "entry.first": ["First start: I have a code", "首次启动：我有启动代码"],
  "entry.known": ["I have an account", "我已有账号"],
  "entry.code": ["Code", "启动代码"],
  "entry.name": ["Name", "用户名"],
  "entry.password": ["Password", "密码"],
  "entry.insecure": [
    "Browsers keep a sign-in over https only. Open this page by its https address.",
    "浏览器仅在 https 下保留登录状态。请使用 https 地址打开本页。",
  ],
  "entry.over": ["Your session has ended. Sign in again.", "登录已过期，请重新登录。"],
  "account.viewer": ["viewer", "查看者"],
  "account.operator": ["operator", "值班员"],
  "account.technician": ["technician", "技术员"],
  "account.admin": ["administrator", "管理员"],
  "flow.up": ["Live", "实时更新"],
  "flow.connecting": ["Connecting…", "正在连接…"],
  "filter.camera": ["Camera", "摄像机"],
  "filter.type": ["Type", "类型"],
  "filter.severity": ["Severity", "级别"],
  "filter.which": ["Show", "显示"],
  "filter.all": ["All", "全部"],
  "events.none": ["No events.", "没有事件。"],
  "events.more": ["Older ones", "更早的事件"],
  "event.picture": ["{kind} of {camera}, {time}", "{camera} {time} 的{kind}"],
  "event.open": ["Open at full size", "查看原图"],
  "event.gone": ["This file is not on the box any more.", "此文件已不在本网关上。"],
  "event.nofiles": ["No picture yet.", "暂无图片。"],
  "event.timeline": ["Timeline", "时间线"],
  "event.case": ["Go to its case", "查看案件"],
  "event.of": ["Go to its event", "查看事件"],
  "detail.close": ["Back to the list", "返回列表"],
  "file.snapshot": ["Picture", "图片"],
  "file.clean": ["Picture without marks", "无标注图片"],
  "file.before": ["Before", "之前"],
  "file.after": ["After", "之后"],
  "file.clip": ["Clip", "视频"],
  "type.vehicle.zone": ["Vehicle in a zone", "车辆进入区域"],
  "type.vehicle.crossing": ["Vehicle over a line", "车辆越线"],
  "type.vehicle.convoy": ["Convoy of vehicles", "车队"],
  "type.land.disturbance": ["Disturbed ground", "地表扰动"],
  "type.camera.offline": ["Camera offline", "摄像机离线"],
  "type.camera.tampered": ["Camera tampered with", "摄像机被破坏"],
  "severity.info": ["information", "提示"],
  "severity.low": ["low", "低"],
  "severity.medium": ["medium", "中"],
  "severity.high": ["high", "高"],
  "severity.critical": ["critical", "严重"],
  "whistle.quick": ["quick whistle", "快捷哨"],
  "whistle.joint": ["joint whistle", "攻坚哨"],
  "whistle.emergency": ["emergency whistle", "应急哨"],
  "phase.new": ["began", "开始"],
  "phase.update": ["goes on", "持续"],
  "phase.end": ["ended", "结束"],
  "fact.camera": ["Camera", "摄像机"],
  "fact.zone": ["Zone", "区域"],
  "fact.rule": ["Rule", "规则"],
  "fact.since": ["Began", "开始时间"],
  "fact.opened": ["Opened", "立案时间"],
  "fact.due": ["Due", "期限"],
  "fact.unit": ["Unit", "处置单位"],
  "fact.officers": ["Officers", "人员"],
  "fact.whistle": ["Whistle", "吹哨级别"],
  "cases.none": ["No cases here.", "没有案件。"],
  "cases.open": ["Under way", "处理中"],
  "cases.overdue": ["Overdue", "已超期"],
  "cases.course": ["Course", "处置过程"],
  "due.receive": ["receive by {time}", "应于 {time} 前接收"],
  "due.dispatch": ["dispatch by {time}", "应于 {time} 前派遣"],
  "due.close": ["close by {time}", "应于 {time} 前办结"],
  "state.open": ["open", "待接收"],
  "state.received": ["received", "已接收"],
  "state.dispatched": ["dispatched", "已派遣"],
  "state.closed": ["closed", "已办结"],
  "state.evaluated": ["evaluated", "已评价"],
  "step.opened": ["opened", "立案"],
  "step.received": ["received", "接收"],
  "step.dispatched": ["dispatched", "派遣"],
  "step.escalated": ["escalated", "升级"],
  "step.closed": ["closed", "办结"],
  "step.evaluated": ["evaluated", "评价"],
  "step.reopened": ["reopened", "重新立案"],
  "step.refused": ["refused", "被拒绝"],
  "step.ended": ["the event ended", "事件结束"],
  "verb.dispatch": ["Dispatch", "派遣"],
  "verb.close": ["Close the case", "办结"],
  "verb.evaluate": ["Evaluate", "评价"],
  "verb.reopen": ["Reopen", "重新立案"],
  "field.unit": ["Unit", "处置单位"],
  "field.officers": ["Officers, one a line", "人员，每行一名"],
  "field.deadline": ["To be closed by", "办结期限"],
  "field.finding": ["What was found", "核查结果"],
  "field.proof": ["What shows it, one a line", "证据，每行一项"],
  "field.grade": ["Grade", "评价等级"],
  "field.remark": ["Remark", "备注"],
  "grade.5": ["5: very satisfied", "5：非常满意"],
  "grade.4": ["4: satisfied", "4：满意"],
  "grade.3": ["3: fair", "3：基本满意"],
  "grade.2": ["2: dissatisfied", "2：不满意"],
  "grade.1": ["1: very dissatisfied", "1：非常不满意"],
  "cameras.none": ["No camera is set up for you to see.", "没有可查看的摄像机。"],
  "camera.fps": ["Pictures per second", "每秒帧数"],
  "camera.bitrate": ["Bit rate", "码率"],
  "camera.mbit": ["{n} Mbit/s", "{n} 兆比特/秒"],
  "camera.stalls": ["Stalls, last hour", "近一小时卡顿"],
  "camera.reconnects": ["Reconnections, last hour", "近一小时重连"],
  "camera.last": ["Last event", "最近事件"],
  "camera.never": ["none yet", "暂无"],
  "camera.unknown": ["not known yet", "未知"],
  "camera.events": ["Its events", "查看事件"],
};

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
