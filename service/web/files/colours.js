/** The report's colours: grades from the best to the worst, then what has none. */

import { gradeName, grades, t } from "./words.js";

const GRADES = ["#1a8f4c", "#84b93c", "#f0a202", "#d1352b"];
const ON_GRADES = ["#fff", "#1d2733", "#1d2733", "#fff"];
export const NONE = "#9aa5b1";
export const UNPASSED = "#c3ccd5";
export const FINDING = "#7b2d8b";
export const DOUBTFUL_FINDING = "#7a8794";

export const INSUFFICIENT = "insufficient";
export const NOT_PASSED = "not_passed";

/** The class a street falls into: its grade, or why it has none. */
export function classOf(street) {
  if (street.grade !== null && street.grade !== undefined) return street.grade;
  return street.status === NOT_PASSED ? NOT_PASSED : INSUFFICIENT;
}

/** All classes in their order: grades from the best, then those without. */
export const classes = () => [...grades().map((grade) => grade.id), INSUFFICIENT, NOT_PASSED];

export function className(id) {
  if (id === INSUFFICIENT) return t("insufficient");
  return id === NOT_PASSED ? t("notPassed") : gradeName(id);
}

export function colourOf(id) {
  if (id === NOT_PASSED) return UNPASSED;
  const rank = grades().findIndex((grade) => grade.id === id);
  return rank < 0 ? NONE : GRADES[Math.min(rank, GRADES.length - 1)];
}

export const gradeColour = (rank) => GRADES[Math.min(rank, GRADES.length - 1)];

export function inkOn(id) {
  const rank = grades().findIndex((grade) => grade.id === id);
  return rank < 0 ? "#1d2733" : ON_GRADES[Math.min(rank, ON_GRADES.length - 1)];
}
