/** The list of streets, worst first, with its filters and what they add up to. */

import { classes, classOf, className, colourOf, inkOn, INSUFFICIENT, NOT_PASSED } from "./colours.js";
import { byId, el } from "./dom.js";
import { shown, t } from "./words.js";

const STEP = 60;
const colourless = new Set([INSUFFICIENT, NOT_PASSED]);

export class StreetList {
  /** `told.chosen(id)` and `told.filtered(features, moved)`: `moved` where the map should follow. */
  constructor(told) {
    this.told = told;
    this.features = [];
    this.current = null;
    this.off = new Set();
    this.length = STEP;
    byId("search").addEventListener("input", () => this.#filter(false));
    byId("district").addEventListener("change", () => this.#filter(true));
    byId("more").addEventListener("click", () => { this.length += STEP; this.#drawRows(); });
  }

  #sort(features) {
    const worth = (feature) => feature.properties.value ?? Infinity;
    this.features = [...features].sort((a, b) => worth(a) - worth(b) || (a.properties.segment_id < b.properties.segment_id ? -1 : 1));
  }

  /** Take all streets again, some of them changed; filters and the keyboard's place stay. */
  update(features) {
    this.#sort(features);
    const { length } = this;
    const at = byId("list").contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    this.#filter(false);
    this.length = length;
    this.#drawRows();
    if (at !== undefined) this.focus(at);
  }

  load(features) {
    this.#sort(features);
    this.off.clear();
    byId("search").value = "";
    byId("district").value = "";
  }

  find(id) {
    return this.features.find((feature) => feature.properties.segment_id === id) ?? null;
  }

  choose(id) {
    this.current = id;
    this.#drawRows();
  }

  /** Put the keyboard back on the street that was chosen. */
  focus(id) {
    const row = [...byId("list").querySelectorAll("button")].find((button) => button.dataset.id === id);
    (row ?? byId("search")).focus();
  }

  draw() {
    byId("search").placeholder = t("search");
    byId("search").setAttribute("aria-label", t("search"));
    byId("more").textContent = t("more");
    byId("privacy").textContent = t("privacy");
    this.#drawDistricts();
    this.#filter(false);
  }

  #drawDistricts() {
    const select = byId("district");
    const kept = select.value;
    const districts = [...new Set(this.features.map((feature) => feature.properties.district).filter(Boolean))].sort();
    select.setAttribute("aria-label", t("district"));
    select.replaceChildren(el("option", { value: "" }, t("allDistricts")), ...districts.map((name) => el("option", { value: name }, name)));
    select.value = kept;
    select.hidden = districts.length === 0;
  }

  #filter(moved) {
    const district = byId("district").value;
    const asked = byId("search").value.trim().toLowerCase();
    const fits = ({ properties: p }) => (district === "" || p.district === district)
      && (asked === "" || [p.name, p.segment_id, p.responsible_unit, p.unit_grid].some((text) => text?.toLowerCase().includes(asked)));
    const before = this.features.filter(fits);
    this.visible = before.filter((feature) => !this.off.has(classOf(feature.properties)));
    this.length = STEP;
    this.#drawGrades(before);
    this.#drawTiles();
    this.#drawRows();
    this.told.filtered(this.visible, moved);
  }

  /** One switch for each class: legend, count and filter at once. */
  #drawGrades(features) {
    const counts = new Map();
    for (const { properties } of features) counts.set(classOf(properties), (counts.get(classOf(properties)) ?? 0) + 1);
    const focused = document.activeElement?.dataset?.grade;
    const shownToo = (id) => colourless.has(id) ? counts.has(id) || this.off.has(id) : true;
    const chips = classes().filter(shownToo).map((id) => el("button", {
      type: "button", class: "chip", "data-grade": id, "aria-pressed": String(!this.off.has(id)),
      onclick: () => { if (!this.off.delete(id)) this.off.add(id); this.#filter(false); },
    }, el("i", { style: `background:${colourOf(id)}` }), `${className(id)} ${counts.get(id) ?? 0}`));
    const box = byId("grades");
    box.setAttribute("aria-label", t("grades"));
    box.replaceChildren(...chips);
    chips.find((chip) => chip.dataset.grade === focused)?.focus();
  }

  #drawTiles() {
    const facts = this.visible.map((feature) => feature.properties);
    const scored = facts.filter((p) => typeof p.value === "number");
    const metres = scored.reduce((sum, p) => sum + p.length_m, 0);
    const mean = metres ? scored.reduce((sum, p) => sum + p.value * p.length_m, 0) / metres : null;
    const found = facts.reduce((sum, p) => sum + (p.findings ?? 0), 0);
    const share = classes().map((id) => el("i", { style: `flex:${facts.filter((p) => classOf(p) === id).length};background:${colourOf(id)}` }));
    const tile = (big, small, title) => el("div", { class: "tile", title }, el("b", {}, big), el("span", {}, small));
    byId("tiles").replaceChildren(
      tile(`${scored.length} / ${facts.length}`, t("scored")), tile(shown(mean), t("mean"), t("byLength")), tile(String(found), t("problems")),
      el("div", { class: "bar" }, share));
  }

  #drawRows() {
    byId("streets-title").textContent = t("worst");
    const rows = this.visible.slice(0, this.length).map(({ properties: p }) => {
      const kind = classOf(p);
      const chosen = p.segment_id === this.current;
      const notes = [p.responsible_unit ?? p.district, `${p.length_m.toFixed(0)} m`, p.name ? p.segment_id : null].filter(Boolean).join(" · ");
      const doubt = p.grade !== null && p.grade_certain === false ? el("span", { class: "doubt", title: t("uncertain") }, t("doubt")) : null;
      return el("li", {}, el("button", { type: "button", "data-id": p.segment_id, "aria-current": chosen ? "true" : null, class: chosen ? "row on" : "row", onclick: () => this.told.chosen(p.segment_id) },
        el("span", { class: "name" }, p.name ?? p.segment_id),
        el("span", { class: "points" }, shown(p.value)),
        el("span", { class: "grade", style: `background:${colourOf(kind)};color:${inkOn(kind)}` }, className(kind)),
        el("small", {}, notes), doubt));
    });
    const said = this.features.length === 0 ? t("empty") : t("nothing");
    byId("list").replaceChildren(...(rows.length ? rows : [el("li", { class: "notice" }, said)]));
    byId("more").hidden = this.visible.length <= this.length;
  }
}
