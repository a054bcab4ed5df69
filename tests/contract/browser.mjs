/* Runs a browser for tests/integration/test_page.py: browser.mjs NODE_MODULES CHROMIUM. Each line of standard input is
 * {page, code, options}; code is the body of an async function of page, axe and options, whose result is written as a
 * line {value} or {error}. The first line with a page opens it in a context with its own cookies. */

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const { chromium } = require("playwright-core");
const AXE = require.resolve("axe-core/axe.min.js");
const AsyncFunction = (async () => {}).constructor;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const browser = await chromium.launch({ executablePath: process.argv[3], args: ["--no-sandbox"] });
const pages = new Map();

async function pageOf(name, options = {}) {
        if (!pages.has(name)) {
                const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options,
                        permissions: ["clipboard-read", "clipboard-write"] });
                const page = await context.newPage();
                page.faults = [];
                page.on("pageerror", (error) => page.faults.push(String(error.stack)));
                /* the browser itself reports each answer that is an error */
                page.on("console", (message) => /^(error|warning)$/.test(message.type()) &&
                        !/^Failed to load resource/.test(message.text()) && page.faults.push(message.text()));
                page.on("dialog", (dialog) => page.faults.push("dialog: " + dialog.message()));
                page.setDefaultTimeout(15000);
                pages.set(name, page);
        }
        return pages.get(name);
}

/* Returns the violations that axe finds, each with its rule and the element. evaluate() is not subject to the policy. */
async function axe(page) {
        await page.evaluate(require("node:fs").readFileSync(AXE, "utf8"));
        const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
        return violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 200)}: ${
                node.failureSummary}`));
}

for await (const line of createInterface({ input: process.stdin })) {
        const { page, code, options } = JSON.parse(line);
        let answer;
        try {
                const run = new AsyncFunction("page", "axe", "options", code);
                answer = { value: await run(await pageOf(page, options?.context), axe, options) ?? null };
        } catch (error) {
                answer = { error: String(error.message || error) };
        }
        process.stdout.write(JSON.stringify(answer) + "\n");
        if (code === "") {
                await pages.get(page)?.context().close();
                pages.delete(page);
        }
}
await browser.close();
