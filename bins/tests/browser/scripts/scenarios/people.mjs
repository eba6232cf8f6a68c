// The first administrator, and a viewer who may not. Last: since there is an account, the page for signing in asks for names.
import assert from "node:assert/strict";
import * as settings from "../settings.mjs";
import { Visitor } from "../visitor.mjs";

const PASSWORD = "correct horse battery";

async function signIn(visitor, name) {
  await visitor.go("/login");
  await visitor.page.getByLabel("User name").fill(name);
  await visitor.page.getByLabel("Password").fill(PASSWORD);
  await visitor.follow(visitor.page.getByRole("button", { name: "Sign in" }).first(), "/");
}

export const scenarios = {
  async "the set-up link makes the first administrator, once"(browser) {
    const visitor = await Visitor.come(browser);
    const { page } = visitor;
    await page.goto(settings.setUpLink);
    await page.getByLabel("User name").fill("anna");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("#again").fill(PASSWORD);
    await page.screenshot({ path: `${settings.screenshots}/setup.png`, fullPage: true });
    await visitor.follow(page.locator("[data-test=setup]"), "/");
    await visitor.go("/accounts");
    await visitor.see("#users", "anna");
    await page.goto(settings.setUpLink);
    await page.waitForURL((url) => url.pathname === "/login");
    await visitor.leave();
  },

  async "a viewer sees and may not"(browser) {
    const anna = await Visitor.come(browser);
    await signIn(anna, "anna");
    await anna.go("/accounts");
    await anna.page.getByText("Add a user").first().click();
    await anna.page.locator("#u-name").fill("vera");
    await anna.page.locator("#u-password").fill(PASSWORD);
    await anna.page.locator("#u-grants").fill("viewer");
    await anna.follow(anna.page.locator("[data-test=add-user]"), "/accounts");
    await anna.see("#users", "vera");

    const vera = await Visitor.come(browser);
    await signIn(vera, "vera");
    const { page } = vera;
    await vera.go("/jobs/quick");
    assert.equal(await page.locator("form[action$='/run'], form[action$='/pause'], a[href$='/delete']").count(), 0);
    await page.screenshot({ path: `${settings.screenshots}/viewer.png`, fullPage: true });
    vera.expect(403, "/jobs/quick/pause");
    const csrf = await page.locator("input[name=csrf]").first().inputValue();
    const status = await page.evaluate(async (csrf) => {
      const body = new URLSearchParams({ csrf });
      const answer = await fetch("/jobs/quick/pause", { method: "POST", body });
      return [answer.status, await answer.text()];
    }, csrf);
    assert.equal(status[0], 403);
    assert.match(status[1], /takes the role operator/);
    await vera.leave();

    await anna.go("/audit");
    await anna.see("main", "vera");
    await anna.see("main", "user.create");
    await anna.page.screenshot({ path: `${settings.screenshots}/audit-after.png`, fullPage: true });
    await anna.leave();
  },
};
