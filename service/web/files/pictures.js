/** A finding as a card, and its masked picture with the box of what was found. */

import { byId, el } from "./dom.js";
import { label, percent, points, t } from "./words.js";

const PICTURES = "evidence/";

/** A picture's link at our own origin, whatever public address the service puts before it. */
const linkOf = (path) => path.slice(Math.max(0, path.lastIndexOf(PICTURES)));

function placeOf(find) {
  const parts = [find.zone ? label("zones", find.zone) : null, find.side ? label("sides", find.side) : null];
  if (typeof find.offset_m === "number") parts.push(`${find.offset_m.toFixed(1)} m`);
  return parts.filter(Boolean).join(" ");
}

/** A card: picture, what, where, how sure; `lost` are its points, `said` what a layer says. */
export function finding(find, { lost, said }) {
  const best = find.evidence?.[0];
  const name = label("categories", find.category);
  const again = find.recurrences > 0 ? ` · ${t("recurrences")} ${find.recurrences}` : "";
  return el("div", { class: "find", "data-finding": find.id },
    best ? el("button", { type: "button", onclick: () => showPicture(find), "aria-label": `${name} ${placeOf(find)}` }, image(best.crop ?? best.image, name))
      : el("div", { class: "bare" }, t("noPicture")),
    el("div", {},
      typeof lost === "number" ? el("em", {}, points(lost)) : null, el("b", {}, name), el("br"),
      placeOf(find), el("br"),
      `${t("probability")} ${percent(find.probability)} · ${label("statuses", find.state)}${again}`,
      find.candidate ? el("div", { class: "meta" }, t("candidate")) : null,
      said ? el("div", { class: "layer" }, said) : null));
}

function image(path, name) {
  const shown = el("img", { src: linkOf(path), alt: name, loading: "lazy", decoding: "async" });
  shown.addEventListener("error", () => shown.replaceWith(el("span", { class: "gone" }, t("noPicture"))));
  return shown;
}

/** Open the whole picture; the box is drawn where the service says it is. */
export function showPicture(find) {
  const best = find.evidence?.[0];
  if (!best) return;
  const dialog = byId("picture");
  const frame = dialog.querySelector(".frame");
  const picture = el("img", { src: linkOf(best.image), alt: label("categories", find.category) });
  const box = el("i");
  picture.addEventListener("load", () => {
    if (!Array.isArray(best.xyxy)) return;
    const [across, down] = [100 / picture.naturalWidth, 100 / picture.naturalHeight];
    const [x1, y1, x2, y2] = best.xyxy;
    box.style.cssText = `left:${x1 * across}%;top:${y1 * down}%;width:${(x2 - x1) * across}%;height:${(y2 - y1) * down}%`;
  });
  picture.addEventListener("error", () => frame.replaceChildren(el("p", { class: "notice" }, t("pictureGone"))));
  frame.replaceChildren(picture, box);
  const sigma = typeof find.sigma_m === "number" ? `±${find.sigma_m.toFixed(1)} m` : null;
  dialog.querySelector("p:last-child").textContent = [
    label("categories", find.category), placeOf(find), `${t("probability")} ${percent(find.probability)}`, sigma, label("statuses", find.state),
  ].filter(Boolean).join(" · ");
  byId("picture-close").setAttribute("aria-label", t("close"));
  dialog.showModal();
}
