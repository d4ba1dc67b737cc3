/** What the page itself says, Chinese first; names of things come from the service. */

const WORDS = {
  wrongKey: ["密钥不对，或已过期、已收回。请核对后再试。", "This key is wrong, expired or was taken back. Check it and try again."],
  noKey: ["请输入访问密钥。", "Give an access key."],
  mayNot: ["这个密钥不能查看得分，请向管理员要一个可查看的密钥。", "This key may not read scores; ask an administrator for one that may."],
  tooMany: ["请求太多，请稍候再试。", "Too many requests; wait a moment and try again."],
  unreachable: ["连不上服务，请检查网络后再试。", "The service cannot be reached; check the network and try again."],
  failed: ["服务出错了，日志里有原因。", "The service failed; its log says why."],
  missing: ["这部分内容暂时没有。", "There is nothing of this yet."],
  loading: ["正在读取……", "Loading…"],
  signedOut: ["密钥已失效，请重新登录。", "The key does not hold any more; sign in again."],
  empty: ["还没有任何路段的得分。先录入一次巡查：liujing audit … --into，再运行 liujing rescore。", "No street has a score yet. Bring in a drive with liujing audit … --into, then run liujing rescore."],
  nothing: ["没有符合条件的路段。", "No street fits these filters."],
  noMap: ["这个浏览器画不出地图（需要 WebGL），列表和详情仍可使用。", "This browser cannot draw the map (it needs WebGL); list and details still work."],
  worst: ["路段，最差在前", "Streets, worst first"],
  search: ["搜索路名、路段号、责任单位", "Search street, id or unit"],
  allDistricts: ["全部区域", "All districts"],
  district: ["区域", "District"],
  grades: ["按等级筛选", "Filter by grade"],
  more: ["再显示一些", "Show more"],
  insufficient: ["数据不足", "insufficient"],
  notPassed: ["未经过", "not passed"],
  stale: ["已过期", "out of date"],
  scored: ["已评路段", "streets scored"],
  mean: ["平均分", "mean score"],
  byLength: ["按长度加权", "weighted by length"],
  problems: ["问题", "findings"],
  close: ["关闭", "Close"],
  value: ["得分", "score"],
  interval: ["得分区间", "interval"],
  certain: ["等级可靠", "grade is certain"],
  uncertain: ["等级存疑，需复核", "grade is in doubt, needs review"],
  doubt: ["等级存疑", "grade in doubt"],
  element: ["部位", "element"], weight: ["分值", "weight"],
  seen: ["看清", "seen"], lost: ["扣分", "lost"],
  elements: ["各部位", "Elements"],
  deductions: ["扣分明细", "Deductions"],
  noDeductions: ["没有扣分", "No points lost"],
  notScored: ["看清的太少，不打分", "Too little was seen to score"],
  neverPassed: ["还没有车辆经过这条路段。没有看过，不等于干净。", "No vehicle has passed this street yet. Not seen is not clean."],
  isStale: ["窗口内没有车辆经过，显示的是上一次的得分。", "Nobody passed within the window; this is the last score known."],
  others: ["其他发现（未计分）", "Other findings (not scored)"],
  cleared: ["已整改的问题", "Cleared findings"],
  notAssessed: ["未评内容", "Not assessed"],
  blind: ["当前模型看不到的问题，不等于没有", "The installed model cannot see these; that does not mean they are absent"],
  seenZero: ["已看清，未发现", "seen, nothing found"],
  withinAllowed: ["有发现，未超容许数", "found, within what is allowed"],
  units: ["计数", "units"], allowance: ["容许", "allowed"],
  redConfirmed: ["红线（已确认）：等级最高为合格", "Red line (confirmed): grade is at most 合格"],
  redProvisional: ["红线（待复核）：等级暂按合格封顶", "Red line (unreviewed): grade provisionally capped at 合格"],
  probability: ["把握", "probability"],
  candidate: ["候选：一次经过不能证实", "candidate: one pass cannot prove it"],
  recurrences: ["复发次数", "came back"],
  window: ["统计窗口", "window"], passes: ["经过", "passes"], standard: ["标准", "standard"], model: ["模型", "model"],
  lastPass: ["最近一次经过", "last pass"],
  roadClass: ["道路等级", "road class"],
  noPicture: ["没有图片", "no picture"],
  pictureGone: ["图片打不开：链接可能已过期，请重新打开这条路段。", "The picture does not open: its link may have expired; open the street again."],
  findingsMissing: ["暂时读不到问题和图片", "Findings and pictures cannot be read at the moment"],
  scoreMissing: ["暂时读不到得分明细", "The score's details cannot be read at the moment"],
  privacy: ["人脸和车牌已打码。打分是证据，不是处罚决定；未看清的地方不算干净。", "Faces and plates are masked. A score is evidence, not a penalty; what was not seen is not called clean."],
};

const LANGUAGE = "liujing-language";
let language = localStorage.getItem(LANGUAGE) === "en" ? "en" : "zh";
let names = null;
let standard = null;

export const inEnglish = () => language === "en";
export const t = (key) => WORDS[key][language === "zh" ? 0 : 1];

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(LANGUAGE, language);
}

/** Take the names of things; `id` is the standard that scores are shown under. */
export function useNames(all, id) {
  names = all;
  standard = all.standards[id] ?? null;
}

export const grades = () => standard?.grades ?? [];
export const elementOrder = () => Object.keys(standard?.elements ?? {});

const OF_STANDARD = new Set(["elements", "rules", "places"]);

/** The name of a thing; its id where nobody has named it. */
export function label(kind, id) {
  if (id === null || id === undefined) return "—";
  const named = (OF_STANDARD.has(kind) ? standard?.[kind] : names?.[kind])?.[id];
  return named?.[language] ?? id;
}

export const gradeName = (id) => grades().find((grade) => grade.id === id)?.[language] ?? id;
export const standardTitle = (id) => names?.standards[id]?.title[language] ?? id;

export const percent = (x) => (typeof x === "number" ? `${Math.floor(x * 100 + 1e-9)}%` : "—");

/** A value cut, never rounded up: 89.96 is shown as 89.9. */
export function shown(x) {
  if (typeof x !== "number") return "—";
  const decimals = standard?.decimals ?? 1;
  const step = 10 ** decimals;
  return (Math.floor(x * step + 1e-6) / step).toFixed(decimals);
}

export const points = (x) => (typeof x !== "number" ? "" : x < 0.005 ? "0" : `−${x.toFixed(2)}`);

/** The city's day of a time, whatever clock the browser has. */
export function day(at_s) {
  const zone = language === "zh" ? "zh-CN" : "en-GB";
  const here = new Date((at_s + (names?.utc_offset_h ?? 0) * 3600) * 1000);
  return here.toLocaleDateString(zone, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
}
