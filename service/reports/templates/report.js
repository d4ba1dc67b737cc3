"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = new Map(data.findings.map((f) => [f.id, f]));
  const gradeIds = Object.keys(data.labels.grades);
  const colours = ["var(--g0)", "var(--g1)", "var(--g2)", "var(--g3)"];
  const hex = ["#1a8f4c", "#84b93c", "#f0a202", "#d1352b"];
  let language = "zh";
  let current = null;

  const words = {
    segments: ["路段", "segments"], scored: ["已评路段", "segments scored"], mean: ["平均分（按长度）", "mean score (by length)"],
    worst: ["最低分路段", "worst segment"], findings: ["发现问题", "findings"], red: ["红线", "red lines"],
    covered: ["看清比例", "seen"], grade: ["等级", "grade"], score: ["得分", "score"], interval: ["区间", "interval"],
    length: ["长度", "length"], name: ["路段", "segment"], element: ["部位", "element"], weight: ["分值", "weight"], status: ["状态", "status"],
    lost: ["扣分", "lost"], seen: ["看清", "seen"], why: ["说明", "why"], deductions: ["扣分明细", "Deductions"],
    coverage: ["看到了哪里", "What was seen"], notAssessed: ["未评内容", "Not assessed"], none: ["没有扣分", "No points lost"], notScored: ["看清的太少，不打分", "Too little was seen to score"],
    certain: ["等级可靠", "grade is certain"], uncertain: ["等级存疑，需复核", "grade is in doubt, needs review"],
    insufficient: ["数据不足", "insufficient"], units: ["计数", "units"], allowance: ["容许", "allowed"],
    redConfirmed: ["红线（已确认）：等级最高为合格", "Red line (confirmed): grade is at most 合格"],
    redProvisional: ["红线（待复核）：等级暂按合格封顶", "Red line (unreviewed): grade provisionally capped at 合格"],
    others: ["其他发现（未计分）", "Other findings (not scored)"], aside: ["不算问题（合法或免计）", "No findings (lawful or exempt)"], probability: ["把握", "probability"],
    candidate: ["候选：一次经过不能证实", "candidate: one pass cannot prove it"], facts: ["运行信息", "Run facts"],
    blind: ["当前模型看不到的问题，不等于没有", "The installed model cannot see these; that does not mean they are absent"],
    seenZero: ["已看清，未发现", "seen, nothing found"],
    onlyAside: ["有发现，均合法或免计", "found, all lawful or exempt"],
    withinAllowed: ["有发现，未超容许数", "found, within what is allowed"],
    privacy: ["人脸和车牌已打码。打分是证据，不是处罚决定；未看清的地方不算干净。", "Faces and plates are masked. A score is evidence, not a penalty; what was not seen is not called clean."],
  };
  const t = (key) => words[key][language === "zh" ? 0 : 1];
  const label = (table, key) => (data.labels[table][key] ? data.labels[table][key][language] : key ?? "—");
  const remark = (find) => data.remarks[find.id]?.[language] ?? null;
  const percent = (x) => (x === null || x === undefined ? "—" : `${Math.floor(x * 100 + 1e-9)}%`);
  const shown = (x) => (x === null || x === undefined ? "—" : (Math.floor(x * 10 + 1e-6) / 10).toFixed(1));
  const points = (x) => (x < 0.005 ? "0" : `−${x.toFixed(2)}`);

  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "class") node.className = value;
      else if (key === "onclick") node.addEventListener("click", value);
      else node.setAttribute(key, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
    return node;
  };
  const colourOf = (score, table) => {
    const i = gradeIds.indexOf(score.grade);
    return i < 0 ? (table === hex ? "#9aa5b1" : "var(--none)") : table[i];
  };
  const gradeBadge = (score) => el("span", { class: "grade", style: `background:${colourOf(score, colours)}` },
    score.grade === null ? t("insufficient") : label("grades", score.grade));
  const nameOf = (segment) => segment.name ? `${segment.name} · ${segment.id}` : segment.id;

  // Map: our own lines, no tiles, no network.
  const map = L.map("map", { attributionControl: false, zoomSnap: 0.25, preferCanvas: false });
  L.control.scale({ imperial: false }).addTo(map);
  const path = L.polyline(data.path.map(([x, y]) => [y, x]), { color: "#4a5a6a", weight: 1.5, dashArray: "3 5" });
  const lines = new Map();
  const all = [];
  for (const segment of data.segments) {
    const latlon = segment.lonlat.map(([x, y]) => [y, x]);
    all.push(...latlon);
    const dashed = segment.score.value === null ? "8 7" : null;
    const line = L.polyline(latlon, { color: colourOf(segment.score, hex), weight: 9, opacity: 0.85, dashArray: dashed, lineCap: "butt" });
    line.on("click", () => select(segment.id));
    line.addTo(map);
    lines.set(segment.id, line);
  }
  path.addTo(map);
  const dots = L.layerGroup().addTo(map);
  for (const find of data.findings) {
    const dot = L.circleMarker([find.lat, find.lon], { radius: 5, weight: 1.5, color: "#fff", fillColor: find.candidate || find.probability < 0.5 ? "#7a8794" : "#7b2d8b", fillOpacity: 0.95 });
    dot.on("click", () => { select(find.segment_id); showPicture(find); });
    dot.addTo(dots);
    dot.find = find;
  }
  const bounds = L.latLngBounds(all.length ? all : data.path.map(([x, y]) => [y, x]));
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.12));

  function showPicture(find) {
    const best = find.evidence[0];
    if (!best) return;
    const dialog = document.getElementById("picture");
    const frame = dialog.querySelector(".frame");
    const image = el("img", { src: best.image, alt: label("categories", find.category) });
    const box = el("i");
    frame.replaceChildren(image, box);
    image.addEventListener("load", () => {
      const [sx, sy] = [100 / image.naturalWidth, 100 / image.naturalHeight];
      const [x1, y1, x2, y2] = best.xyxy;
      box.style.cssText = `left:${x1 * sx}%;top:${y1 * sy}%;width:${(x2 - x1) * sx}%;height:${(y2 - y1) * sy}%`;
    });
    dialog.querySelector("p").textContent = captionOf(find).join(" · ");
    dialog.showModal();
  }
  function captionOf(find) {
    const place = [label("zones", find.zone)];
    if (find.side) place.push(label("sides", find.side));
    if (find.offset_m !== null) place.push(`${find.offset_m} m`);
    return [label("categories", find.category), place.join(" "), `${t("probability")} ${percent(find.probability)}`, `±${find.sigma_m.toFixed(1)} m`, label("statuses", find.state)];
  }
  function card(find, lost, saidAbove = false) {
    const best = find.evidence[0];
    const said = saidAbove ? null : remark(find);
    return el("div", { class: "find" },
      el("button", { type: "button", onclick: () => showPicture(find), title: find.id }, best ? el("img", { src: best.crop, alt: label("categories", find.category), loading: "lazy" }) : null),
      el("div", {}, el("em", {}, lost === null ? "" : points(lost)), el("b", {}, label("categories", find.category)), el("br"),
        `${label("zones", find.zone)} ${find.side ? label("sides", find.side) : ""} ${find.offset_m === null ? "" : find.offset_m + " m"}`, el("br"),
        `${t("probability")} ${percent(find.probability)}`, find.candidate ? el("div", { class: "meta" }, t("candidate")) : null,
        said ? el("div", { class: "remark" }, said) : null));
  }

  function table(head, rows, attributes = {}) {
    return el("table", attributes, el("thead", {}, el("tr", {}, head.map(([text, cls]) => el("th", { class: cls || "" }, text)))), el("tbody", {}, rows));
  }

  function drawSummary() {
    const scored = data.segments.filter((s) => s.score.value !== null);
    const metres = scored.reduce((sum, s) => sum + s.length_m, 0);
    const mean = metres ? scored.reduce((sum, s) => sum + s.score.value * s.length_m, 0) / metres : null;
    const worst = [...scored].sort((a, b) => a.score.value - b.score.value)[0];
    const reds = data.segments.reduce((n, s) => n + s.score.red_lines.length + s.score.provisional_red_lines.length, 0);
    const total = data.segments.reduce((sum, s) => sum + s.length_m, 0);
    const seen = total ? data.segments.reduce((sum, s) => sum + s.length_m * s.score.coverage, 0) / total : null;
    const share = el("div", { class: "bar" }, [...gradeIds.map((id, i) => [id, colours[i]]), [null, "var(--none)"]].map(([id, colour]) =>
      el("i", { style: `flex:${data.segments.filter((s) => s.score.grade === id).length};background:${colour}` })));
    const tile = (big, small, extra) => el("div", { class: "tile" }, el("b", {}, big), el("span", {}, small), extra ?? null);
    document.getElementById("summary").replaceChildren(
      tile(`${scored.length} / ${data.segments.length}`, t("scored"), share),
      tile(shown(mean), t("mean")),
      tile(worst ? shown(worst.score.value) : "—", `${t("worst")}${worst ? " · " + (worst.name ?? worst.id) : ""}`),
      tile(String(data.findings.filter((f) => !f.candidate && !["rejected", "permitted", "duplicate"].includes(f.state)).length), t("findings")),
      tile(String(reds), t("red")),
      tile(percent(seen), t("covered")));
    document.getElementById("notices").replaceChildren(...data.notices.map((n) => el("p", {}, n[language])));
    document.getElementById("drive").textContent = [data.title, data.started ? data.started.replace("T", " ").replace("Z", " UTC") : null, data.run.standard, data.run.model].filter(Boolean).join("  ·  ");
    document.getElementById("legend").replaceChildren(
      ...gradeIds.map((id, i) => el("span", {}, el("i", { style: `background:${hex[i]}` }), label("grades", id))),
      el("span", {}, el("i", { style: "background:#9aa5b1" }), t("insufficient")),
      el("span", {}, el("i", { class: "dot", style: "background:#7b2d8b" }), t("findings")));
    document.getElementById("foot").replaceChildren(el("div", {}, t("privacy")),
      el("details", {}, el("summary", {}, t("facts")), el("pre", {}, JSON.stringify(data.run, null, 2))));
    document.querySelectorAll("[data-zh]").forEach((n) => { n.textContent = n.dataset[language]; });
  }

  function drawSegments() {
    const rows = data.segments.map((s) => el("tr", { class: s.id === current ? "on" : "", onclick: () => select(s.id), tabindex: "0", "data-id": s.id },
      el("td", {}, nameOf(s)), el("td", { class: "n" }, s.length_m.toFixed(0)), el("td", { class: "n" }, s.score.shown === null ? "—" : s.score.shown.toFixed(1)),
      el("td", { class: "n" }, s.score.value === null ? "—" : `${shown(s.score.low)}–${shown(s.score.high)}`), el("td", {}, gradeBadge(s.score)), el("td", { class: "n" }, percent(s.score.coverage))));
    const fresh = table([[t("name")], [`${t("length")} m`, "n"], [t("score"), "n"], [t("interval"), "n"], [t("grade")], [t("covered"), "n"]], rows, { id: "segments" });
    document.getElementById("segments").replaceWith(fresh);
    for (const s of data.segments) lines.get(s.id).unbindTooltip().bindTooltip(`${nameOf(s)}  ${s.score.shown === null ? t("insufficient") : s.score.shown.toFixed(1) + " " + label("grades", s.score.grade)}`, { sticky: true });
    dots.eachLayer((dot) => dot.unbindTooltip().bindTooltip(captionOf(dot.find).slice(0, 3).join(" · ")));
  }

  function drawScale(score) {
    if (score.value === null) return null;
    const low = Math.min(50, Math.floor(score.low / 10) * 10);
    const x = (v) => `${Math.max(0, Math.min(100, ((v - low) / (100 - low)) * 100))}%`;
    const cuts = data.run.grade_floors ?? [];
    const edges = [100, ...cuts, low];
    const rail = el("div", { class: "rail" }, edges.slice(0, -1).map((top, i) => el("i", { style: `flex:${Math.max(0, top - edges[i + 1])};background:${colours[i] ?? "var(--g3)"}` })).reverse());
    return el("div", { class: "scale" }, rail, el("div", { class: "range", style: `left:${x(score.low)};width:calc(${x(score.high)} - ${x(score.low)})` }),
      el("div", { class: "mark", style: `left:${x(score.value)}` }), cuts.map((c) => el("small", { style: `left:${x(c)}` }, String(c))));
  }

  function drawDetail() {
    const segment = data.segments.find((s) => s.id === current);
    const box = document.getElementById("detail");
    if (!segment) { box.replaceChildren(); return; }
    const score = segment.score;
    const used = new Set(score.deductions.flatMap((d) => d.finding_ids));
    const aside = data.aside.filter((f) => f.segment_id === segment.id);
    const zeroOf = (e) => score.deductions.some((d) => d.element === e.element && d.finding_ids.length) ? "withinAllowed"
      : aside.some((f) => f.element === e.element) ? "onlyAside" : "seenZero";
    const elements = score.elements.map((e) => el("tr", { class: e.status }, el("td", {}, label("elements", e.element)), el("td", { class: "n" }, String(e.weight)),
      el("td", {}, label("statuses", e.status)), el("td", { class: "n" }, percent(e.seen_fraction)), el("td", { class: "n" }, e.status === "assessed" && score.value !== null ? points(e.points_lost) : "—"),
      el("td", {}, e.status === "assessed" ? (score.value === null ? "" : e.points_lost < 0.005 ? t(zeroOf(e)) : "") : label("reasons", e.reason))));
    const order = Object.keys(data.labels.elements);
    const costly = score.deductions.filter((d) => d.finding_ids.length)
      .sort((a, b) => order.indexOf(a.element) - order.indexOf(b.element) || b.points - a.points);
    const placesOf = (d) => d.finding_ids.map((id, i) => (d.near[i] ? remark({ id }) : null));
    const sameForAll = (d) => new Set(placesOf(d)).size === 1;
    const near = (d) => {
      const places = placesOf(d);
      const all = [...new Set(places)].filter(Boolean).map((one) =>
        sameForAll(d) ? one : `${one} · ${places.filter((other) => other === one).length}/${places.length}`);
      return all.length ? el("small", {}, language === "zh" ? `（${all.join("；")}）` : ` (${all.join("; ")})`) : null;
    };
    const deductions = costly.map((d) => [
      el("div", { class: "rule" }, el("span", {}, `${label("elements", d.element)} · ${label("rules", d.rule)}`, near(d)), el("span", {}, points(d.points))),
      el("div", { class: "meta" }, `${t("units")} ${d.units.toFixed(2)}${d.allowance > 0 ? ` · ${t("allowance")} ${d.allowance.toFixed(2)}` : ""}`),
      el("div", { class: "finds" }, d.finding_ids.map((id, i) => byId.has(id) ? card(byId.get(id), d.finding_points[i], sameForAll(d)) : null))]);
    const others = data.findings.filter((f) => f.segment_id === segment.id && !used.has(f.id));
    const strips = [];
    for (const zone of [...new Set(segment.coverage.map((c) => c.zone))]) for (const side of ["left", "right"]) {
      const pieces = segment.coverage.filter((c) => c.zone === zone && c.side === side);
      if (!pieces.length) continue;
      strips.push(el("span", {}, `${label("zones", zone)} ${label("sides", side)}`), el("div", { class: "strip" }, pieces.map((p) =>
        el("i", { class: p.status, style: `left:${(p.from_m / segment.length_m) * 100}%;width:${((p.to_m - p.from_m) / segment.length_m) * 100}%`, title: `${p.from_m}–${p.to_m} m ${label("statuses", p.status)} ${p.reason ? label("reasons", p.reason) : ""}` }))));
    }
    const red = (ids, key) => ids.length ? el("div", { class: "red" }, t(key), " ", ids.map((id) => byId.has(id) ? label("categories", byId.get(id).category) : id).join(", ")) : null;
    box.replaceChildren(...[
      el("h2", {}, nameOf(segment)),
      el("div", { class: "meta" }, [`${segment.length_m.toFixed(0)} m`, segment.road_class, segment.district, segment.responsible_unit].filter(Boolean).join(" · ")),
      el("div", { class: "value" }, el("b", {}, score.shown === null ? "—" : score.shown.toFixed(1)), el("div", {}, gradeBadge(score), el("div", { class: "meta" }, score.value === null ? "" : t(score.grade_certain ? "certain" : "uncertain"))), drawScale(score)),
      red(score.red_lines, "redConfirmed"), red(score.provisional_red_lines, "redProvisional"),
      table([[t("element")], [t("weight"), "n"], [t("status")], [t("seen"), "n"], [t("lost"), "n"], [t("why")]], elements),
      el("h3", {}, t("deductions")), ...(deductions.length ? deductions.flat() : [el("p", { class: "meta" }, t(score.value === null ? "notScored" : "none"))]),
      ...(others.length ? [el("h3", {}, t("others")), el("div", { class: "finds" }, others.map((f) => card(f, null)))] : []),
      ...(aside.length ? [el("h3", {}, t("aside")), el("div", { class: "finds" }, aside.map((f) => card(f, null)))] : []),
      el("h3", {}, t("coverage")), el("div", { class: "strips" }, strips),
      el("div", { class: "meta" }, ["seen", "unusable", "hidden"].map((s) => el("span", { style: "margin-right:14px" }, el("i", { class: s, style: "display:inline-block;width:22px;height:9px;margin-right:5px" }), label("statuses", s)))),
      ...(score.not_assessed.length ? [el("h3", {}, t("notAssessed")), el("p", { class: "meta" }, t("blind"), ": ", score.not_assessed.map((r) => label("rules", r)).join("、"))] : [])].filter((node) => node !== null));
  }

  function select(id) {
    if (id === null || !lines.has(id)) return;
    current = id;
    for (const [key, line] of lines) line.setStyle({ weight: key === id ? 14 : 9, opacity: key === id ? 1 : 0.75 });
    drawSegments();
    drawDetail();
  }
  function draw() { drawSummary(); drawSegments(); drawDetail(); }
  document.getElementById("language").addEventListener("click", (event) => {
    language = language === "zh" ? "en" : "zh";
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    event.target.textContent = language === "zh" ? "English" : "中文";
    event.target.lang = language === "zh" ? "en" : "zh";
    draw();
  });
  draw();
  const worst = [...data.segments].filter((s) => s.score.value !== null).sort((a, b) => a.score.value - b.score.value)[0] ?? data.segments[0];
  if (worst) select(worst.id);
})();
