/** The map: streets by grade on plain ground, with nothing fetched from elsewhere. */

import { LngLatBounds, Map as GlMap, NavigationControl, Popup, ScaleControl } from "./maplibre-gl-6.17.0/maplibre-gl.mjs";
import { classOf, className, colourOf, DOUBTFUL_FINDING, FINDING } from "./colours.js";
import { el } from "./dom.js";
import { label, shown } from "./words.js";

const FONTS = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif';
const WIDTH = ["interpolate", ["exponential", 1.5], ["zoom"], 9, 1.5, 13, 4, 16, 9, 19, 18];
const WIDER = ["interpolate", ["exponential", 1.5], ["zoom"], 9, 4.5, 13, 11, 16, 19, 19, 30];
const GAP = ["interpolate", ["exponential", 1.5], ["zoom"], 9, 3, 13, 7.5, 16, 14, 19, 24];
const THIN = ["interpolate", ["exponential", 1.5], ["zoom"], 9, 0.4, 13, 1, 16, 2, 19, 3];
const NOTHING = { type: "FeatureCollection", features: [] };
const NEAR_PX = 7;
const LINES = ["scored", "unscored"];

const STYLE = {
  version: 8,
  sources: { streets: { type: "geojson", data: NOTHING }, findings: { type: "geojson", data: NOTHING } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#eef2f5" } },
    { id: "chosen", type: "line", source: "streets", filter: ["==", ["get", "segment_id"], ""],
      layout: { "line-cap": "round" }, paint: { "line-color": "#12324f", "line-width": WIDER } },
    { id: "gap", type: "line", source: "streets", filter: ["==", ["get", "segment_id"], ""],
      layout: { "line-cap": "round" }, paint: { "line-color": "#fff", "line-width": GAP } },
    { id: "unscored", type: "line", source: "streets", filter: ["!", ["get", "has_grade"]],
      paint: { "line-color": ["get", "colour"], "line-width": WIDTH, "line-dasharray": [1.4, 0.8] } },
    { id: "scored", type: "line", source: "streets", filter: ["get", "has_grade"], layout: { "line-cap": "round" },
      paint: { "line-color": ["get", "colour"], "line-width": WIDTH, "line-opacity": ["case", ["==", ["get", "status"], "stale"], 0.5, 1] } },
    { id: "doubt", type: "line", source: "streets", filter: ["all", ["get", "has_grade"], ["!", ["to-boolean", ["get", "grade_certain"]]]],
      paint: { "line-color": "#fff", "line-width": THIN, "line-dasharray": [3, 4] } },
    { id: "names", type: "symbol", source: "streets", filter: ["has", "name"], minzoom: 13,
      layout: { "symbol-placement": "line-center", "text-field": ["coalesce", ["get", "name"], ""], "text-size": 13, "text-offset": [0, 1.5], "text-padding": 6 },
      paint: { "text-color": "#3c4a58", "text-halo-color": "#eef2f5", "text-halo-width": 1.6 } },
    { id: "dots", type: "circle", source: "findings",
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 3, 16, 4.5, 18, 7], "circle-color": ["get", "colour"], "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } },
  ],
};

/** What happens on the map is told through `told.street(id)` and `told.finding(id)`. */
export class StreetMap {
  constructor(container, told) {
    this.map = new GlMap({
      container, style: STYLE, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0,
      minZoom: 3, maxZoom: 20, center: [113.85, 34.03], zoom: 12, localIdeographFontFamily: FONTS, fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    this.ready = new Promise((done) => this.map.once("load", done));
    this.popup = new Popup({ closeButton: false, closeOnClick: false, offset: 12, className: "tip" });
    this.map.on("click", (event) => this.#clicked(event.point, told));
    this.map.on("mousemove", (event) => this.#hovered(event));
    this.map.on("mouseout", () => this.popup.remove());
  }

  /** Show these features instead of those before. */
  async showStreets(features) {
    await this.ready;
    const drawn = features.map((feature) => {
      const kind = classOf(feature.properties);
      const has_grade = typeof feature.properties.grade === "string";
      return { ...feature, properties: { ...feature.properties, has_grade, colour: colourOf(kind) } };
    });
    this.map.getSource("streets").setData({ type: "FeatureCollection", features: drawn });
  }

  async showFindings(findings) {
    await this.ready;
    const features = findings.map((find) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [find.lon, find.lat] },
      properties: { id: find.id, category: find.category, colour: find.candidate || find.probability < 0.5 ? DOUBTFUL_FINDING : FINDING },
    }));
    this.map.getSource("findings").setData({ type: "FeatureCollection", features });
  }

  async choose(id) {
    await this.ready;
    for (const layer of ["chosen", "gap"]) this.map.setFilter(layer, ["==", ["get", "segment_id"], id ?? ""]);
  }

  /** Bring features into view; a single short street is not blown up to the full frame. */
  async fit(features, maxZoom = 17.5) {
    await this.ready;
    const bounds = new LngLatBounds();
    for (const feature of features) for (const lonlat of feature.geometry.coordinates) bounds.extend(lonlat);
    if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 56, maxZoom, animate: false });
  }

  /** Bring a street into view only where it is not in it yet. */
  async reveal(feature) {
    await this.ready;
    const seen = this.map.getBounds();
    if (!feature.geometry.coordinates.some((lonlat) => seen.contains(lonlat))) await this.fit([feature]);
  }

  resize() {
    this.map.resize();
  }

  #at(point, layers) {
    const box = [[point.x - NEAR_PX, point.y - NEAR_PX], [point.x + NEAR_PX, point.y + NEAR_PX]];
    return this.map.queryRenderedFeatures(box, { layers })[0] ?? null;
  }

  #clicked(point, told) {
    const dot = this.#at(point, ["dots"]);
    if (dot !== null) return told.finding(dot.properties.id);
    const street = this.#at(point, LINES);
    return street === null ? null : told.street(street.properties.segment_id);
  }

  #hovered(event) {
    if (this.map.getSource("streets") === undefined || !this.map.isStyleLoaded()) return;
    const dot = this.#at(event.point, ["dots"]);
    const street = dot ?? this.#at(event.point, LINES);
    this.map.getCanvas().style.cursor = street === null ? "" : "pointer";
    if (street === null) {
      this.popup.remove();
      return;
    }
    const facts = street.properties;
    const text = dot !== null ? label("categories", facts.category)
      : [facts.name || facts.segment_id, typeof facts.value === "number" ? shown(facts.value) : null, className(classOf(facts))].filter(Boolean).join("  ");
    this.popup.setLngLat(event.lngLat).setDOMContent(el("span", {}, text)).addTo(this.map);
  }
}
