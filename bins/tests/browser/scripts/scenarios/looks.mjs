// Every page in both languages, both widths and both lights.
import assert from "node:assert/strict";
import { faultsOf, look } from "../look.mjs";
import * as settings from "../settings.mjs";
import { Visitor } from "../visitor.mjs";

/** How a page is looked at: everybody loads it once. */
const VIEWS = [
  { name: "wide-light", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { name: "narrow-dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

/** The address of the newest run of a job. */
async function newestRun(visitor, job) {
  await visitor.go(`/runs?job=${job}`);
  return new URL(await visitor.page.locator("table.rows tbody tr a").first().getAttribute("href"), settings.site).pathname;
}

/** Every page: what its pictures are called, and its address. */
async function pages(visitor) {
  const run = await newestRun(visitor, "watched");
  const killed = await newestRun(visitor, "endless");
  return Object.entries({
    overview: "/",
    jobs: "/jobs",
    "jobs-none": "/jobs?name=nobody",
    job: "/jobs/report",
    "job-hostile": "/jobs/hostile",
    "job-new": "/jobs/new",
    "job-edit": "/jobs/report/edit",
    "job-delete": "/jobs/report/delete",
    runs: "/runs",
    run,
    "run-killed": killed,
    nodes: "/nodes",
    alerts: "/alerts",
    "alerts-silence": "/alerts?job=broken",
    "alert-history": "/alerts/history",
    "alert-deliveries": "/alerts/deliveries",
    "log-search": "/jobs/watched/logs?q=line",
    secrets: "/secrets",
    audit: "/audit",
    account: "/account",
    accounts: "/accounts",
  });
}

async function lookEverywhere(browser, language, locale) {
  const visitor = await Visitor.signedIn(browser, { locale });
  const { page } = visitor;
  const faults = [];
  for (const [name, path] of await pages(visitor)) {
    await visitor.go(path);
    for (const view of VIEWS) {
      await page.setViewportSize(view.viewport);
      await page.emulateMedia({ colorScheme: view.colorScheme });
      faults.push(...(await faultsOf(page, `${name}-${language}-${view.name}`)));
    }
  }
  assert.deepEqual(faults, []);
  await visitor.leave();
}

export const scenarios = {
  async "every page in English"(browser) {
    await lookEverywhere(browser, "en", "en-GB");
  },

  async "every page in Chinese"(browser) {
    await lookEverywhere(browser, "zh", "zh-CN");
  },

  async "what people see who are not in, and who are lost"(browser) {
    const visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.go("/login");
    await look(page, "login");
    await visitor.leave();
    const lost = await Visitor.signedIn(browser);
    lost.expect(404, "/jobs/nobody");
    await lost.go("/jobs/nobody");
    await look(lost.page, "refusal");
    await lost.leave();
  },
};
