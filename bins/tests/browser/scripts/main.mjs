// Starts one browser and goes through the scenarios, one after the other. Each has visitors of its own, and finds what
// those before it left. Ends with 1 when one fails, after all of them.
import { chromium } from "playwright-core";
import * as settings from "./settings.mjs";
import { scenarios as accounts } from "./scenarios/signing_in.mjs";
import { scenarios as jobs } from "./scenarios/jobs.mjs";
import { scenarios as runs } from "./scenarios/runs.mjs";
import { scenarios as alerts } from "./scenarios/alerts.mjs";
import { scenarios as secrets } from "./scenarios/secrets.mjs";
import { scenarios as habits } from "./scenarios/habits.mjs";
import { scenarios as looks } from "./scenarios/looks.mjs";
import { scenarios as people } from "./scenarios/people.mjs";

/** A loaded machine is slow; nothing takes as long unless it is broken. */
const PATIENCE_MS = 60_000;

const browser = await chromium.launch({ executablePath: settings.chromium });
const newContext = browser.newContext.bind(browser);
browser.newContext = async (options) => {
  const context = await newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
};

let failed = 0;
for (const [name, scenario] of Object.entries({ ...accounts, ...jobs, ...runs, ...alerts, ...secrets, ...habits, ...looks, ...people })) {
  const began = performance.now();
  const took = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    await scenario(browser);
    console.log(`ok      ${name} (${took()})`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name} (${took()})\n${error.stack}\n`);
  }
}
await browser.close();
process.exitCode = failed ? 1 : 0;
