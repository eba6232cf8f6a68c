// What the test tells the scripts, by variables of their environment. It sets all of them.
import { createRequire } from "node:module";

function told(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the variable ${name} is not set: these scripts are started by bins/tests/browser/main.rs`);
  return value;
}

/** Where the node is, for example `http://127.0.0.1:7373`. */
export const site = new URL(told("CRONBUS_SITE")).origin;

/** The admin token of the node. */
export const token = told("CRONBUS_TOKEN");

/** The link by which the first administrator is made. */
export const setUpLink = told("CRONBUS_SETUP");

/** A folder that the jobs of the node know, too: they wait until there is a file of a certain name. */
export const gates = told("CRONBUS_GATES");

/** The browser. */
export const chromium = told("CRONBUS_CHROMIUM");

/** Where screenshots are kept. */
export const screenshots = told("CRONBUS_SCREENSHOTS");

/** The program that looks for barriers. */
export const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
