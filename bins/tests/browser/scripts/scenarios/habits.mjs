// How people like it: by keyboard, in their language and zone, in the dark, without scripts.
import assert from "node:assert/strict";
import { look } from "../look.mjs";
import { Visitor } from "../visitor.mjs";

export const scenarios = {
  async "the keyboard leads everywhere"(browser) {
    const visitor = await Visitor.signedIn(browser);
    const { page } = visitor;
    await visitor.go("/");
    const press = async (keys) => { for (const key of keys.split(" ")) await page.keyboard.press(key); };
    for (const [keys, path] of [["g j", "/jobs"], ["g r", "/runs"], ["g n", "/nodes"], ["g o", "/"]]) {
      await press(keys);
      await page.waitForURL((url) => url.pathname === path);
    }
    await press("g j");
    await page.waitForURL((url) => url.pathname === "/jobs");
    await press("/");
    await page.locator("[data-search]:focus").waitFor();
    await page.keyboard.type("quick");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search === "?name=quick");

    await visitor.go("/jobs");
    const names = await page.locator("table.rows tbody .name").allInnerTexts();
    await press("j j j k");
    assert.equal(await page.locator("tr.is-at .name").innerText(), names[1]);
    await press("Enter");
    await page.waitForURL((url) => decodeURIComponent(url.pathname) === `/jobs/${names[1]}`);

    await press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await look(page, "keyboard-help");
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await press("Tab");
    assert.ok(await page.locator("a.skip:focus").count() || await page.locator(":focus-visible").count(), "the focus is seen");
    await visitor.leave();
  },

  async "the language is the browser's, until somebody chooses"(browser) {
    const visitor = await Visitor.signedIn(browser, { locale: "zh-CN" });
    const { page } = visitor;
    await visitor.go("/jobs");
    assert.equal(await page.locator("html").getAttribute("lang"), "zh");
    await visitor.see("h1", "任务");
    await visitor.follow(page.locator("[data-test=language][lang=en]"), "/jobs");
    await visitor.see("h1", "Jobs");
    await visitor.go("/runs");
    await visitor.see("h1", "Runs");
    await visitor.leave();
  },

  async "the light is the browser's, until somebody chooses"(browser) {
    const visitor = await Visitor.signedIn(browser, { colorScheme: "dark" });
    const { page } = visitor;
    await visitor.go("/");
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.emulateMedia({ colorScheme: "light" });
    const light = await paper();
    assert.notEqual(dark, light);
    for (const [theme, expected] of [["dark", dark], ["light", light], ["auto", light]]) {
      await page.locator(".switches a[href*=theme]").click();
      await page.locator(`html[data-theme=${theme}]`).waitFor();
      assert.equal(await paper(), expected, theme);
    }
    await visitor.leave();
  },

  async "times are those of the reader, and of the server on hover"(browser) {
    const at = async (timezoneId) => {
      const visitor = await Visitor.signedIn(browser, { timezoneId });
      await visitor.go("/jobs/quick");
      const time = visitor.page.locator("time[data-local]").first();
      await time.waitFor();
      const told = { text: await time.innerText(), title: await time.getAttribute("title") };
      await visitor.leave();
      return told;
    };
    const [shanghai, honolulu] = [await at("Asia/Shanghai"), await at("Pacific/Honolulu")];
    assert.notEqual(shanghai.text, honolulu.text);
    assert.match(shanghai.title, /Asia\/Shanghai/);
    assert.match(shanghai.title, /UTC/);
  },

  async "without scripts everything can be read, and filtered"(browser) {
    const visitor = await Visitor.signedIn(browser, { javaScriptEnabled: false });
    const { page } = visitor;
    await visitor.go("/runs");
    await page.getByLabel("Job", { exact: true }).fill("watched");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL((url) => url.searchParams.get("job") === "watched");
    await visitor.follow(page.locator("table.rows tbody tr a").first(), /^\/runs\/.+/);
    await visitor.see("#log", "first line");
    await visitor.leave();
  },
};
