// A run is watched as it goes on, its log read and searched, another one killed. Pages are never loaded again by hand.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as settings from "../settings.mjs";
import { Visitor } from "../visitor.mjs";

const BADGE = "#run-head .state";

/** Lets a job go on that waits for its gate. */
async function openGate(name) {
  await writeFile(path.join(settings.gates, name), "");
}

/** Runs a job by the button of its page; comes to the page of the run. */
async function run(visitor, job) {
  await visitor.go(`/jobs/${job}`);
  await visitor.follow(visitor.page.locator("[data-test=run]"), /^\/runs\/.+/);
}

export const scenarios = {
  async "a run is watched from its beginning to its end"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await run(visitor, "watched");
    await page.evaluate(() => { window.isStillThisPage = true; });
    await visitor.see(BADGE, "Running");
    await visitor.see("#log .out", "first line");
    assert.ok(!(await page.locator("#log").innerText()).includes("last line"));
    await openGate("watched");
    await visitor.see("#log .out", "last line");
    await visitor.see("#log .err", "a complaint");
    await visitor.see(BADGE, "Succeeded");
    await page.getByRole("link", { name: "Kill" }).waitFor({ state: "detached" });
    assert.ok(await page.evaluate(() => window.isStillThisPage), "nobody loaded the page again");
    await visitor.leave();
  },

  async "a log is searched and downloaded, and is text whatever is in it"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/runs?job=watched");
    await visitor.follow(page.locator("table.rows tbody tr a").first(), /^\/runs\/.+/);
    const lines = page.locator("#log span");
    await lines.first().waitFor();
    const search = page.getByRole("searchbox", { name: "Search in the log" });
    await search.fill("COMPLAINT");
    await visitor.see("#log-count", "1 lines");
    assert.deepEqual(await lines.filter({ visible: true }).allInnerTexts(), ["a complaint\n"]);
    await search.fill("");
    await visitor.see("#log .out", "<script>alert('from the log')</script>");
    await visitor.see("#log .out", /^red and plain\s*$/);
    assert.equal(await page.locator("#log script, #log b").count(), 0);

    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
    const text = await readFile(await download.path(), "utf8");
    for (const part of ["first line", "a complaint", "<script>alert", "last line"]) assert.ok(text.includes(part), text);
    await visitor.leave();
  },

  async "a run is killed, which is asked about first"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await run(visitor, "endless");
    await visitor.see(BADGE, "Running");
    await visitor.follow(page.getByRole("link", { name: "Kill" }), /\/kill$/);
    await visitor.see("h1", "Kill this run of endless?");
    await visitor.follow(page.locator("[data-test=confirm]"), /^\/runs\/[^/]+$/);
    await visitor.see(BADGE, "Killed");
    await visitor.follow(page.getByRole("button", { name: "Run again" }), /^\/runs\/[^/]+$/);
    await visitor.see(BADGE, "Running");
    await visitor.follow(page.getByRole("link", { name: "Kill" }), /\/kill$/);
    await visitor.follow(page.locator("[data-test=confirm]"), /^\/runs\/[^/]+$/);
    await visitor.see(BADGE, "Killed");
    await visitor.leave();
  },

  async "a list of runs shows new ones by itself"(browser) {
    const [reader, actor] = [await Visitor.signedIn(browser), await Visitor.signedIn(browser)];
    await reader.go("/runs?job=quick");
    const before = await reader.page.locator("table.rows tbody tr").count();
    await run(actor, "quick");
    await reader.page.locator("table.rows tbody tr").nth(before).waitFor();
    for (const visitor of [reader, actor]) await visitor.leave();
  },
};
