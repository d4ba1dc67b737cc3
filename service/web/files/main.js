/** The page put together: sign-in, map, list and details. */

import { forgetKey, Problem, read, readAll, storeKey, storedKey } from "./api.js";
import { drawDetail } from "./detail.js";
import { byId, el } from "./dom.js";
import { Live, withScore } from "./live.js";
import { showPicture } from "./pictures.js";
import { StreetList } from "./streets.js";
import { day, inEnglish, standardTitle, switchLanguage, t, useNames } from "./words.js";

const state = { map: null, names: null, chosen: null, signInWord: null };
const list = new StreetList({ chosen: (id) => choose(id), filtered: showFiltered });

const live = new Live({ streets: streetsChanged, all: readScores, out: () => signOut("signedOut") });

const said = (problem) => (problem.word === null ? problem.message : t(problem.word));

async function signIn(key) {
  state.signInWord = null;
  byId("waiting").hidden = false;
  try {
    state.names ??= await read("web/names.json", null);
    await live.begin(key);
    const scores = await read("scores.geojson", key);
    storeKey(key);
    useNames(state.names, scores.features[0]?.properties.standard_id ?? state.names.standard);
    openCity(scores.features);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // What still holds and only could not be asked for is kept: a reload tries again.
    if (error.status === 401 || error.status === 403) forgetKey();
    showSignIn(error.word ?? "failed");
  } finally {
    byId("waiting").hidden = true;
  }
}

function showSignIn(word = null) {
  state.signInWord = word;
  state.chosen = null;
  live.end();
  byId("city").hidden = true;
  byId("sign-out").hidden = true;
  byId("detail").hidden = true;
  byId("sign-in").hidden = false;
  byId("picture").close();
  byId("facts").textContent = "";
  drawWords();
  byId("key").focus();
}

function openCity(features) {
  byId("key").value = "";
  byId("sign-in").hidden = true;
  byId("sign-out").hidden = false;
  byId("city").hidden = false;
  list.load(features);
  drawWords();
  list.draw();
  const linked = decodeURIComponent(location.hash.slice(1));
  if (linked !== "" && list.find(linked) !== null) choose(linked);
  openMap();
}

/** Draw the map; it is large, so list and details do not wait for it. */
async function openMap() {
  try {
    const { StreetMap } = await import("./map.js");
    state.map ??= new StreetMap("map", { street: (id) => choose(id), finding: openFinding });
  } catch (error) {
    console.warn("no map:", error.message);
    byId("map-fault").hidden = false;
    return;
  }
  state.map.showStreets(list.visible);
  state.map.fit(list.visible);
  if (state.chosen !== null) showChosen(state.chosen);
}

/** Mark the chosen street and its findings on the map. */
function showChosen({ street, findings }) {
  state.map?.choose(street.segment_id);
  const there = Array.isArray(findings) ? findings : [];
  state.map?.showFindings(there.filter((find) => !["cleared", "rejected", "permitted", "duplicate"].includes(find.state)));
}

function showFiltered(features, moved) {
  state.map?.showStreets(features);
  if (moved) state.map?.fit(features);
}

/** Open a street: what the map knows at once, the rest as it comes. */
async function choose(id) {
  const feature = list.find(id);
  if (feature === null) return;
  const chosen = { street: feature.properties, score: undefined, findings: undefined };
  state.chosen = chosen;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  list.choose(id);
  showChosen(chosen);
  byId("detail").hidden = false;
  byId("detail").scrollTop = 0;
  document.body.classList.add("detailed");
  state.map?.resize();
  state.map?.reveal(feature);
  drawChosen(chosen).focus({ preventScroll: true });
  await readChosen(chosen);
}

/** Read why a street has its score, and what was found there. */
async function readChosen(chosen) {
  const at = `segments/${encodeURIComponent(chosen.street.segment_id)}`;
  const asked = new URLSearchParams({ standard: chosen.street.standard_id });
  const [score, findings] = await Promise.all([answer(read(`${at}/score?${asked}`)), answer(readAll(`${at}/findings`))]);
  if (state.chosen !== chosen) return;
  Object.assign(chosen, { score: score?.score ? { ...score, ...score.score } : score, findings });
  drawChosen(chosen);
  showChosen(chosen);
}

/** Scores or findings of some streets changed: show them as they are now. */
async function streetsChanged(ids) {
  const there = ids.map((id) => list.find(id));
  if (there.includes(null)) return readScores();
  const asked = there.map(async (feature) => {
    const { segment_id: id, standard_id: standard } = feature.properties;
    return [id, withScore(feature, await read(`segments/${encodeURIComponent(id)}/score?${new URLSearchParams({ standard })}`))];
  });
  const changed = new Map(await Promise.all(asked));
  list.update(list.features.map((feature) => changed.get(feature.properties.segment_id) ?? feature));
  const own = changed.get(state.chosen?.street.segment_id);
  if (own === undefined) return undefined;
  state.chosen.street = own.properties;
  return readChosen(state.chosen);
}

/** Read all scores again. */
async function readScores() {
  const { features } = await read("scores.geojson");
  list.update(features);
}

/** Return what was read, or the sentence that stands in its place. */
async function answer(reading) {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) signOut("signedOut");
    return said(error);
  }
}

function drawChosen(chosen) {
  const focused = byId("detail").contains(document.activeElement);
  const title = drawDetail(chosen, { closed: closeDetail });
  if (focused) title.focus({ preventScroll: true });
  return title;
}

function closeDetail() {
  const id = state.chosen?.street.segment_id;
  state.chosen = null;
  history.replaceState(null, "", location.pathname + location.search);
  byId("detail").hidden = true;
  byId("detail").replaceChildren();
  document.body.classList.remove("detailed");
  list.choose(null);
  state.map?.choose(null);
  state.map?.showFindings([]);
  state.map?.resize();
  if (id !== undefined) list.focus(id);
}

function openFinding(id) {
  const found = state.chosen?.findings?.find?.((find) => find.id === id);
  if (found) showPicture(found);
}

function signOut(word = null) {
  forgetKey();
  if (state.chosen !== null) closeDetail();
  list.load([]);
  list.draw();
  showSignIn(word);
}

function drawWords() {
  const language = inEnglish() ? "en" : "zh";
  document.documentElement.lang = inEnglish() ? "en" : "zh-CN";
  byId("language").textContent = inEnglish() ? "中文" : "English";
  byId("language").lang = inEnglish() ? "zh-CN" : "en";
  document.querySelectorAll("[data-zh]").forEach((node) => { node.textContent = node.dataset[language]; });
  byId("sign-in-error").textContent = state.signInWord === null ? "" : t(state.signInWord);
  byId("waiting").textContent = t("loading");
  byId("map-fault").textContent = t("noMap");
  byId("key-to-map").replaceChildren(
    el("span", {}, el("i", { class: "line doubtful" }), t("doubt")), el("span", {}, el("i", { class: "line dashed" }), `${t("insufficient")} / ${t("notPassed")}`),
    el("span", {}, el("i", { class: "dot" }), t("problems")));
  const facts = list.features.find((feature) => typeof feature.properties.from_s === "number")?.properties;
  byId("facts").textContent = facts === undefined ? "" : `${standardTitle(facts.standard_id)} · ${day(facts.from_s)} – ${day(facts.to_s - 1)}`;
}

byId("language").addEventListener("click", () => {
  switchLanguage();
  drawWords();
  if (byId("city").hidden) return;
  list.draw();
  if (state.chosen !== null) drawChosen(state.chosen);
});
byId("sign-out").addEventListener("click", () => signOut());
byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = byId("key").value.trim();
  if (key === "") showSignIn("noKey");
  else signIn(key);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.chosen !== null && !byId("picture").open) closeDetail();
});
window.addEventListener("hashchange", () => {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id !== "" && id !== state.chosen?.street.segment_id) choose(id);
});

drawWords();
if (storedKey() !== null) signIn(storedKey());
else byId("key").focus();
