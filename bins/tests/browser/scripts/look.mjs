// Looking at a page: nothing is wider than the window, nothing is a barrier (WCAG, by axe), and a picture is kept.
import assert from "node:assert/strict";
import path from "node:path";
import * as settings from "./settings.mjs";

/** Violations of these impacts fail; others are printed by nobody, since people disagree about them. */
const GRAVE = ["serious", "critical"];

/** Keeps a picture of the whole page. */
async function keep(page, name) {
  await page.screenshot({ path: path.join(settings.screenshots, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** The parts of the page that are out of sight to the right. */
function beyondTheWindow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const isBeyond = (element) => element.getBoundingClientRect().right > width + 1;
    const parts = [...document.querySelectorAll("main *, header *, footer *")].filter(isBeyond);
    return parts.map((element) => `wider than the window: ${element.outerHTML.slice(0, 160)}`);
  });
}

/** What keeps people out. */
function barriers(page) {
  return page.evaluate(async (impacts) => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    const told = (violation) => violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`);
    return violations.filter((violation) => impacts.includes(violation.impact)).flatMap(told);
  }, GRAVE);
}

/** What is wrong with a page, of which a picture is kept. */
export async function faultsOf(page, name) {
  await keep(page, name);
  const faults = [...(await beyondTheWindow(page)), ...(await barriers(page))];
  return faults.map((fault) => `${name}: ${fault}`);
}

/** Nothing is wrong with a page, of which a picture is kept. */
export async function look(page, name) {
  assert.deepEqual(await faultsOf(page, name), []);
}
