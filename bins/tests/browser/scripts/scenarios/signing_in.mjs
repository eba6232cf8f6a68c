// Coming in, going out, and who stays outside.
import assert from "node:assert/strict";
import * as settings from "../settings.mjs";
import { Visitor } from "../visitor.mjs";

export const scenarios = {
  async "a wrong token is refused, the right one leads to where somebody wanted to go"(browser) {
    const visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.go("/runs?state=failed");
    assert.equal(new URL(page.url()).pathname, "/login");
    visitor.expect(401, "/login");
    await page.getByLabel("Token", { exact: true }).fill("not the token");
    await page.locator("[data-test=by-token]").click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Token", { exact: true }).fill(settings.token);
    await visitor.follow(page.locator("[data-test=by-token]"), "/runs");
    assert.equal(new URL(page.url()).search, "?state=failed");
    await visitor.leave();
  },

  async "who signed out sees nothing any more"(browser) {
    const visitor = await Visitor.come(browser);
    await visitor.signIn();
    await visitor.follow(visitor.page.getByRole("button", { name: "Sign out" }), "/login");
    await visitor.go("/jobs");
    assert.equal(new URL(visitor.page.url()).pathname, "/login");
    await visitor.leave();
  },

  async "a page that is open says so when its session is over"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/nodes");
    await page.context().clearCookies({ name: "cronbus_session" });
    visitor.expect(401, "/nodes");
    await page.evaluate(() => window.cronbus.refresh());
    await visitor.see("#away", "You are signed out");
    await visitor.leave();
  },
};
