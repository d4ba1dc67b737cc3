/** Why a street has its score: elements, deductions, and what was found there. */

import { classOf, className, colourOf, gradeColour, inkOn, NOT_PASSED } from "./colours.js";
import { byId, el, table } from "./dom.js";
import { finding } from "./pictures.js";
import { day, elementOrder, grades, label, percent, points, shown, standardTitle, t } from "./words.js";

const WORTHLESS = 0.005;
const DAY_S = 86400;

/**
 * Draw the panel.
 * `street` is what the map knows of it, `score` and `findings` what the service answered:
 * `undefined` while it is being read, a sentence where it could not be.
 */
export function drawDetail({ street, score, findings }, told) {
  const known = new Map((Array.isArray(findings) ? findings : []).map((find) => [find.id, find]));
  const box = byId("detail");
  const title = el("h2", { tabindex: "-1" }, street.name ?? street.segment_id);
  box.replaceChildren(...[
    el("button", { type: "button", class: "close", onclick: told.closed }, t("close")),
    title,
    el("p", { class: "meta" }, whereOf(street)),
    valueOf(street),
    street.status === "stale" ? el("p", { class: "notice" }, t("isStale")) : null,
    ...bodyOf(street, score, findings, known),
    el("p", { class: "meta foot" }, factsOf(street, typeof score === "object" ? score : {})),
  ].filter((node) => node !== null));
  return title;
}

function whereOf(street) {
  const name = street.name ? street.segment_id : null;
  const road = street.road_class ? `${t("roadClass")} ${street.road_class}` : null;
  return [name, `${street.length_m.toFixed(0)} m`, road, street.district, street.responsible_unit].filter(Boolean).join(" · ");
}

function factsOf(street, score) {
  const last_s = typeof street.age_days === "number" ? street.to_s - street.age_days * DAY_S : null;
  return [
    typeof street.from_s === "number" ? `${t("window")} ${day(street.from_s)} – ${day(street.to_s - 1)}` : null,
    last_s === null ? null : `${t("lastPass")} ${day(last_s)}`,
    typeof score.passes === "number" ? `${t("passes")} ${score.passes}` : null,
    `${t("standard")} ${standardTitle(street.standard_id)}（${street.standard_id}）`,
    score.model_id ? `${t("model")} ${score.model_id}` : null,
  ].filter(Boolean).join(" · ");
}

function valueOf(street) {
  const kind = classOf(street);
  const badge = el("span", { class: "grade", style: `background:${colourOf(kind)};color:${inkOn(kind)}` }, className(kind));
  const graded = typeof street.value === "number";
  const sure = graded ? el("div", { class: street.grade_certain ? "meta" : "doubt" }, t(street.grade_certain ? "certain" : "uncertain")) : null;
  const interval = graded ? el("div", { class: "meta" }, `${t("interval")} ${shown(street.low)}–${shown(street.high)}`) : null;
  return el("div", { class: "value" }, el("b", {}, shown(street.value)), el("div", {}, badge, sure, interval), graded ? scaleOf(street) : null);
}

/** The value and its interval over the grades' limits. */
function scaleOf(street) {
  const cuts = grades().map((grade) => grade.floor).filter((floor) => floor > 0);
  const least = Math.max(0, Math.min(50, Math.floor((street.low - 1) / 10) * 10));
  const x = (value) => `${Math.max(0, Math.min(100, ((value - least) / (100 - least)) * 100))}%`;
  const edges = [100, ...cuts.filter((cut) => cut > least), least];
  const rail = edges.slice(0, -1).map((top, i) => el("i", { style: `flex:${top - edges[i + 1]};background:${gradeColour(i)}` })).reverse();
  return el("div", { class: "scale", "aria-hidden": "true" }, el("div", { class: "rail" }, rail),
    el("div", { class: "range", style: `left:${x(street.low)};width:calc(${x(street.high)} - ${x(street.low)})` }),
    el("div", { class: "mark", style: `left:${x(street.value)}` }),
    [least, ...cuts].map((cut) => el("small", { style: `left:${x(cut)}` }, String(cut))));
}

function bodyOf(street, score, findings, known) {
  if (street.status === NOT_PASSED) return [el("p", { class: "notice" }, t("neverPassed")), ...othersOf(findings, new Set())];
  if (score === undefined) return [el("p", { class: "meta" }, t("loading"))];
  if (typeof score === "string") return [el("p", { class: "notice" }, `${t("scoreMissing")}：${score}`), ...othersOf(findings, new Set())];
  const used = new Set((score.deductions ?? []).flatMap((one) => one.finding_ids));
  return [
    ...redLines(score, known),
    el("h3", {}, t("elements")), elementsOf(score),
    el("h3", {}, t("deductions")), ...deductionsOf(score, known, findings),
    ...othersOf(findings, used),
    ...notAssessed(score),
  ];
}

function redLines(score, known) {
  const line = (ids, key) => (ids?.length
    ? el("div", { class: "red" }, t(key), " · ", ids.map((id) => (known.has(id) ? label("categories", known.get(id).category) : id)).join("、"))
    : null);
  return [line(score.red_lines, "redConfirmed"), line(score.provisional_red_lines, "redProvisional")].filter(Boolean);
}

function elementsOf(score) {
  const graded = typeof score.value === "number";
  const charged = new Set((score.deductions ?? []).filter((one) => one.finding_ids.length).map((one) => one.element));
  const status = (row) => {
    const said = label("statuses", row.status);
    if (row.status === "unseen") return `${said}：${label("reasons", row.reason)}`;
    if (row.status !== "assessed" || !graded || row.points_lost >= WORTHLESS) return said;
    return t(charged.has(row.element) ? "withinAllowed" : "seenZero");
  };
  const rows = (score.elements ?? []).map((row) => el("tr", { class: row.status },
    el("th", { scope: "row" }, label("elements", row.element), el("small", {}, status(row))),
    el("td", { class: "n" }, String(row.weight)),
    el("td", {}, seenOf(row.seen_fraction)),
    el("td", { class: "n" }, row.status === "assessed" && graded ? points(row.points_lost) : "—")));
  return table([[t("element")], [t("weight"), "n"], [t("seen")], [t("lost"), "n"]], rows);
}

/** The fraction of its ground that was seen, as a bar with its number. */
function seenOf(fraction) {
  const width = typeof fraction === "number" ? Math.round(fraction * 100) : 0;
  return el("span", { class: "seen" }, el("span", { class: "gauge", "aria-hidden": "true" }, el("i", { style: `width:${width}%` })), percent(fraction));
}

function deductionsOf(score, known, findings) {
  const order = elementOrder();
  const costly = (score.deductions ?? []).filter((one) => one.finding_ids.length)
    .sort((a, b) => order.indexOf(a.element) - order.indexOf(b.element) || b.points - a.points);
  const unread = typeof findings === "string" ? [el("p", { class: "notice" }, `${t("findingsMissing")}：${findings}`)] : [];
  if (costly.length === 0) return [...unread, el("p", { class: "meta" }, t(typeof score.value === "number" ? "noDeductions" : "notScored"))];
  return [...unread, ...costly.flatMap((one) => deductionOf(one, known))];
}

function deductionOf(deduction, known) {
  const near = (deduction.near ?? []).map(placeOf);
  const spoken = [...new Set(near)].filter((one) => one !== null);
  const allowed = deduction.allowance > 0 ? ` · ${t("allowance")} ${deduction.allowance.toFixed(2)}` : "";
  const cards = deduction.finding_ids.map((id, i) => (known.has(id)
    ? finding(known.get(id), { lost: deduction.finding_points?.[i], said: near[i] ?? null }) : null));
  return [
    el("div", { class: "rule" },
      el("span", {}, `${label("elements", deduction.element)} · ${label("rules", deduction.rule)}`, spoken.map((one) => el("small", { class: "layer" }, one))),
      el("span", { class: "n" }, points(deduction.points))),
    typeof deduction.units === "number" ? el("div", { class: "meta" }, `${t("units")} ${deduction.units.toFixed(2)}${allowed}`) : null,
    el("div", { class: "finds" }, cards),
  ].filter((node) => node !== null);
}

/** What a layer of context says at a find: its kind, its name, how much more it weighs. */
function placeOf(near) {
  if (near === null || near === undefined) return null;
  const kind = label("places", near.kind);
  return `${near.name ? `${kind}：${near.name}` : kind} ×${near.factor}`;
}

function othersOf(findings, used) {
  if (!Array.isArray(findings)) return [];
  const rest = findings.filter((find) => !used.has(find.id) && !["rejected", "duplicate", "withdrawn"].includes(find.state));
  const there = rest.filter((find) => find.state !== "cleared");
  const gone = rest.filter((find) => find.state === "cleared");
  const group = (key, some) => (some.length ? [el("h3", {}, t(key)), el("div", { class: "finds" }, some.map((find) => finding(find, {})))] : []);
  return [...group("others", there), ...group("cleared", gone)];
}

function notAssessed(score) {
  if (!score.not_assessed?.length) return [];
  const names = score.not_assessed.map((rule) => label("rules", rule)).join("、");
  return [el("h3", {}, t("notAssessed")), el("p", { class: "meta" }, `${t("blind")}：${names}`)];
}
