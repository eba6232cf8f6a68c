// A job is made with a mistake, mended, changed, rolled back, paused and deleted.
import assert from "node:assert/strict";
import { look } from "../look.mjs";
import { Visitor } from "../visitor.mjs";

/** What the page says was done. */
const DONE = ".flash-done";

export const scenarios = {
  async "a job with a mistake is told at its field, mended and added"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/");
    await visitor.follow(page.getByRole("link", { name: "Jobs", exact: true }), "/jobs");
    await visitor.follow(page.getByRole("link", { name: "New job" }), "/jobs/new");
    const rule = page.getByLabel("Rule", { exact: true });
    await page.getByLabel("Name", { exact: true }).fill("report");
    await page.getByLabel("Command line").fill("echo first");
    await rule.fill("0 25 * * *");
    await visitor.see("[data-fault=schedule]", "25");
    assert.equal(await rule.getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByLabel("Time zone").getAttribute("aria-invalid"), "false", "only there");

    visitor.expect(422, "/jobs/new");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await visitor.see("[data-fault=schedule]", "25");
    assert.equal(await rule.inputValue(), "0 25 * * *", "what was written stays");
    await look(page, "edit-with-a-mistake");

    await rule.fill("30 3 * * *");
    await page.getByLabel("Time zone").fill("Asia/Shanghai");
    await visitor.see("#preview", "03:30:00+08:00");
    await page.locator("[data-fault=schedule]").filter({ hasText: /./ }).waitFor({ state: "detached" });
    await visitor.follow(page.getByRole("button", { name: "Save", exact: true }), "/jobs/report");
    await visitor.see(DONE, "report was added");
    await visitor.leave();
  },

  async "a change is shown beside what was, and rolled back"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/jobs/report");
    await visitor.follow(page.getByRole("link", { name: "Edit", exact: true }), "/jobs/report/edit");
    await page.getByLabel("Command line").fill("echo second");
    await visitor.follow(page.getByRole("button", { name: "Save", exact: true }), "/jobs/report");
    await visitor.see("del", "echo first");
    await visitor.see("ins", "echo second");
    await visitor.follow(page.locator("[data-test=rollback-1]"), "/jobs/report");
    await visitor.see(DONE, "Revision 1 is in force again");
    await visitor.see("dd pre", "echo first");
    await visitor.leave();
  },

  async "the document beside the form is the same job"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/jobs/report/edit");
    await page.getByLabel("Description").fill("what the document says, too");
    await page.waitForFunction(() => document.getElementById("toml").value.includes("what the document says, too"));
    const toml = page.locator("#toml");
    await toml.fill((await toml.inputValue()).replace("echo first", "echo third"));
    await visitor.follow(page.getByRole("button", { name: "Save the document" }), "/jobs/report");
    await visitor.see("dd pre", "echo third");
    await visitor.leave();
  },

  async "somebody else was quicker, which is said before anything is overwritten"(browser) {
    const [slow, quick] = [await Visitor.signedIn(browser), await Visitor.signedIn(browser)];
    for (const visitor of [slow, quick]) await visitor.go("/jobs/report/edit");
    await quick.page.getByLabel("Description").fill("quick");
    await quick.follow(quick.page.getByRole("button", { name: "Save", exact: true }), "/jobs/report");
    await slow.page.getByLabel("Description").fill("slow");
    slow.expect(409, "/jobs/report/edit");
    await slow.page.getByRole("button", { name: "Save", exact: true }).click();
    await slow.see("#conflict ins", "quick");
    await look(slow.page, "edit-changed-meanwhile");
    await slow.follow(slow.page.getByRole("button", { name: "Save", exact: true }), "/jobs/report");
    await slow.see("main", "slow");
    for (const visitor of [slow, quick]) await visitor.leave();
  },

  async "several jobs are paused, resumed and deleted, which is asked about first"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/jobs?name=spare");
    const choose = async () => page.getByRole("checkbox", { name: "Choose all" }).check();
    const act = async (name) => page.locator(".bulk").getByRole("button", { name, exact: true }).click();
    for (const [action, told] of [["Pause", "2 jobs are paused"], ["Resume", "2 jobs go on"], ["Delete", "2 jobs were deleted"]]) {
      await visitor.go("/jobs?name=spare");
      await choose();
      await act(action);
      const confirm = page.locator("[data-test=confirm]");
      await confirm.or(page.locator(DONE)).waitFor();
      if (action === "Delete") assert.ok(await confirm.isVisible(), "nothing is deleted unasked");
      if (await confirm.isVisible()) await confirm.click();
      await visitor.see(DONE, told);
    }
    await visitor.go("/jobs?name=spare");
    await visitor.see(".empty", "No job fits");
    await visitor.leave();
  },
};
