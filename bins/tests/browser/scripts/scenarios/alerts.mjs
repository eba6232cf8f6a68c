// Somebody is told of a failure, looks after it, silences it for a while, and lets it be heard again.
import { Visitor } from "../visitor.mjs";

const DONE = ".flash-done";

export const scenarios = {
  async "an alert is looked after and silenced, and the silence is ended"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/alerts");
    const alert = page.locator("#open li").filter({ hasText: "broken" });
    await alert.waitFor();
    await alert.getByRole("textbox").fill("the disk is full");
    await visitor.follow(alert.locator("[data-test=acknowledge]"), "/alerts");
    await visitor.see(DONE, "looks after it");
    await visitor.see("[data-test=acknowledged]", "the disk is full");

    await visitor.follow(alert.getByRole("link", { name: "Silence" }), "/alerts");
    await page.getByLabel("For", { exact: true }).fill("2h");
    await page.getByLabel("Why", { exact: true }).fill("<b>known</b>");
    await visitor.follow(page.locator("[data-test=silence]"), "/alerts");
    await visitor.see(DONE, "Nobody is told");
    await visitor.see("#silences li", "<b>known</b>");
    await visitor.follow(page.locator("[data-test=end-silence]"), "/alerts");
    await visitor.see(DONE, "The silence is over");
    await visitor.leave();
  },

  async "a text is looked for in the logs of a job"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/jobs/watched/logs");
    await page.getByRole("searchbox").fill("complaint");
    await page.keyboard.press("Enter");
    await visitor.see(".log.found a", "a complaint");
    await visitor.leave();
  },
};
