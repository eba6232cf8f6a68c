// A secret is set on the page, given to a job, replaced, deleted while the job still names it; no page ever has its value.
import assert from "node:assert/strict";
import { Visitor } from "../visitor.mjs";

const DONE = ".flash-done";
const VALUE = "-----BEGIN KEY-----\nhunter2hunter2\n-----END KEY-----";

export const scenarios = {
  async "a secret is set, used, replaced and deleted, and never shown"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    const isHidden = async () => assert.ok(!(await page.content()).includes("hunter2"), "the page has the value");
    await visitor.go("/secrets");
    await page.getByLabel("Name", { exact: true }).fill("deploy-key");
    await page.getByLabel("Value", { exact: true }).fill(VALUE);
    await visitor.follow(page.locator("[data-test=set-secret]"), "/secrets");
    await visitor.see(DONE, "deploy-key was set");
    await visitor.see("#secrets li", "version 1");
    await isHidden();

    await visitor.go("/jobs/new");
    await page.getByLabel("Name", { exact: true }).fill("deploy");
    await page.getByLabel("Command line").fill('echo "it has $(echo "{{secret.deploy-key}}" | wc -l) lines"; echo "{{secret.deploy-key}}"');
    await visitor.follow(page.getByRole("button", { name: "Save", exact: true }), "/jobs/deploy");
    await visitor.follow(page.getByRole("button", { name: "Run now" }).first(), /^\/runs\//);
    await visitor.see("#log", "it has 3 lines");
    await visitor.see("#log", "••••");
    await isHidden();

    await visitor.go("/secrets");
    const secret = page.locator("#secrets li").filter({ hasText: "deploy-key" });
    assert.equal(await secret.getByRole("link", { name: "deploy", exact: true }).count(), 1, "who uses it is shown");
    await secret.getByText("Replace the value").first().click();
    await secret.getByRole("textbox", { name: "Value: deploy-key" }).fill("hunter2 and more");
    await visitor.follow(secret.getByRole("button", { name: "Replace the value" }), "/secrets");
    await visitor.see("#secrets li", "version 2");
    await isHidden();

    await visitor.follow(secret.getByRole("link", { name: "Delete" }), "/secrets/deploy-key/delete");
    await visitor.see(".card li", "deploy");
    await visitor.follow(page.locator("[data-test=confirm]"), "/secrets");
    await visitor.see(DONE, "deploy-key was deleted");

    await visitor.go("/audit?kind=secret");
    for (const action of ["secret.set", "secret.delete"]) await visitor.see("code", action);
    await isHidden();
    await visitor.go("/secrets");
    await page.getByLabel("Name", { exact: true }).fill("short");
    await page.getByLabel("Value", { exact: true }).fill("abc");
    await visitor.follow(page.locator("[data-test=set-secret]"), "/secrets");
    await visitor.see(".flash-refused", "too short");
    await visitor.leave();
  },
};
