// Somebody with a browser of their own: a language, a width, a light, cookies. Whatever they do, a page must not ask
// another host for anything, say anything on the console, break its Content-Security-Policy, open a dialog of the
// browser's (only hostile data would), or answer with an error that nobody expected.
import assert from "node:assert/strict";
import * as settings from "./settings.mjs";

/** How people sit before it, unless a scenario says otherwise. */
const USUAL = { locale: "en-GB", timezoneId: "Asia/Shanghai", viewport: { width: 1280, height: 900 }, colorScheme: "light" };

/** Chromium says so on the console of every answer above 399; answers are watched by themselves. */
const TOLD_TWICE = /^Failed to load resource: the server responded with a status of \d+/;

export class Visitor {
  /** The cookies of a session that scenarios share; who wants to end it must sign in by themselves. */
  static #session;

  #context;
  #faults = [];
  #expected = [];

  /** Opens a browser window that nobody has signed in with. */
  static async come(browser, habits = {}) {
    const context = await browser.newContext({ ...USUAL, ...habits });
    await context.addInitScript({ path: settings.axe });
    const visitor = new Visitor();
    visitor.#context = context;
    visitor.page = await context.newPage();
    visitor.#watch(visitor.page);
    return visitor;
  }

  /** The same, within the session of an administrator. */
  static async signedIn(browser, habits = {}) {
    Visitor.#session ??= await Visitor.#newSession(browser);
    return Visitor.come(browser, { storageState: Visitor.#session, ...habits });
  }

  static async #newSession(browser) {
    const visitor = await Visitor.come(browser);
    await visitor.signIn();
    const session = await visitor.#context.storageState();
    await visitor.leave();
    return session;
  }

  /** Signs in with the admin token, in a session of one's own. */
  async signIn() {
    await this.go("/login");
    await this.page.getByLabel("Token", { exact: true }).fill(settings.token);
    await this.follow(this.page.locator("[data-test=by-token]"), "/");
  }

  #watch(page) {
    page.on("console", (message) => {
      const tells = ["error", "warning"].includes(message.type()) && !TOLD_TWICE.test(message.text());
      if (tells) this.#faults.push(`the console of ${page.url()} says: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#faults.push(`a script of ${page.url()} fails: ${error.stack}`));
    page.on("dialog", (dialog) => {
      this.#faults.push(`${page.url()} opens a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      const isOurs = url.origin === settings.site || url.protocol === "data:";
      if (!isOurs) this.#faults.push(`${page.url()} asks ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() < 400) return;
      const answer = `${response.status()} ${new URL(response.url()).pathname}`;
      const place = this.#expected.indexOf(answer);
      if (place < 0) this.#faults.push(`${page.url()} is answered ${answer}`);
      else this.#expected.splice(place, 1);
    });
  }

  /** The next answers include this one, once. */
  expect(status, path) {
    this.#expected.push(`${status} ${path}`);
  }

  async go(path) {
    await this.page.goto(settings.site + path);
  }

  /** Presses what leads to another page, and waits until it is there. */
  async follow(locator, path) {
    await locator.click();
    await this.page.waitForURL((url) => (path instanceof RegExp ? path.test(url.pathname) : url.pathname === path));
  }

  /** Waits until an element has a text in it. */
  async see(selector, text) {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Nothing happened that must not. */
  assertQuiet() {
    assert.deepEqual(this.#faults, []);
    assert.deepEqual(this.#expected, [], "answers that were expected and did not come");
  }

  /** Goes, having done nothing that must not happen. */
  async leave() {
    await this.#context.close();
    this.assertQuiet();
  }
}
