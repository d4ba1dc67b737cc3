/** What changes while the page is open: asked for every few seconds, street by street. */

import { Problem, read, storedKey } from "./api.js";

const EVERY_MS = 2500;
const FEW = 40;
const GONE = new Set(["cleared", "rejected", "permitted", "duplicate"]);

export class Live {
  /** `told.streets(ids)`, or `told.all()` where many changed; `told.out()` when the key is of no use. */
  constructor(told) {
    this.told = told;
    this.next = null;
    this.busy = false;
    this.turn = 0;
    setInterval(() => this.#look(), EVERY_MS);
  }

  /** Begin with what changes from now on. Ask for it before the scores, so that nothing is missed. */
  async begin(key) {
    this.end();
    const { turn } = this;
    const { next } = await read("changes?limit=0", key);
    if (turn === this.turn) this.next = next;
  }

  end() {
    this.turn += 1;
    this.next = null;
  }

  async #look() {
    if (this.next === null || storedKey() === null || this.busy || document.hidden) return;
    const { turn } = this;
    this.busy = true;
    try {
      const { items, next } = await read(`changes?${new URLSearchParams({ since: this.next })}`);
      if (turn !== this.turn) return;
      const streets = [...new Set(items.filter((one) => one.kind === "score" || one.kind === "finding").map((one) => one.segment_id))].filter(Boolean);
      if (streets.length > FEW) await this.told.all();
      else if (streets.length) await this.told.streets(streets);
      if (turn === this.turn) this.next = next;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401) this.told.out();
      // 400: the store was put back from a backup; its numbers begin anew.
      else if (error.status === 400) await this.begin().then(() => this.told.all()).catch(() => {});
    } finally {
      this.busy = false;
    }
  }
}

/** Return a street as the list has it, with what its newest score says. */
export function withScore(feature, answer) {
  const score = answer.score ? { ...answer, ...answer.score } : answer;
  const names = ["status", "value", "low", "high", "grade", "grade_certain", "coverage", "age_days"];
  const news = Object.fromEntries(names.filter((name) => score[name] !== undefined).map((name) => [name, score[name]]));
  return {
    ...feature,
    properties: {
      ...feature.properties,
      ...news,
      findings: score.findings.filter((find) => !GONE.has(find.state)).length,
      red_lines: (score.red_lines ?? []).length,
    },
  };
}
