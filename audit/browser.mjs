// What only a browser can judge: `node browser.mjs JOB`, a file of JSON
// {base, pages: [{kind, language, path}], checks: [name…], shots?: folder}.
// Prints JSON {check: {looked, faults: [text…]}}.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const source = (name) => readFileSync(require.resolve(name), "utf-8");
const AXE = source("axe-core/axe.min.js");
const ACE = source("accessibility-checker-engine/ace.js");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
const WINDOWS = 3;

const PHONE = { width: 360, height: 800 };
const DESKTOP = { width: 1440, height: 1000 };
// Each kind of page is seen in both themes at both widths: in English by day, in French by night. The
// style sheet does not know the language.
const VIEWS = {
  en: [
    { name: "light 1440", scheme: "light", viewport: DESKTOP },
    { name: "light 360", scheme: "light", viewport: PHONE },
  ],
  fr: [
    { name: "dark 1440", scheme: "dark", viewport: DESKTOP },
    { name: "dark 360", scheme: "dark", viewport: PHONE },
  ],
};
// A keyboard walk takes seconds: each language in one theme and one width, crosswise.
const WALKED = { en: "light 1440", fr: "dark 360" };

const VIEWED = ["axe", "console", "ibm", "keyboard", "motion", "reflow", "nojs"];

const job = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const translated = new Set(
  job.pages.filter(({ language }) => language === "en").map(({ kind }) => kind),
);
const wanted = new Set(job.checks);
const results = Object.fromEntries(job.checks.map((name) => [name, { looked: 0, faults: [] }]));

function judge(check, where, faults) {
  results[check].looked += 1;
  for (const fault of faults) results[check].faults.push(`${where}: ${fault}`);
}

const describe = `(element) => {
  const name = element.id ? "#" + element.id : element.className?.baseVal ?? element.className;
  const text = (element.textContent || element.value || "").trim().replace(/\\s+/g, " ").slice(0, 40);
  return element.localName + (name ? "." + String(name).replace("#", "") : "") + " “" + text + "”";
}`;

// -- One page in one view ------------------------------------------------------------------------

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "wcag2aaa", "best-practice"];

async function axe(page) {
  await page.evaluate(AXE);
  const options = {
    runOnly: { type: "tag", values: RULES },
    resultTypes: ["violations"],
    // 7:1 is the house's own measure, asked for by no level below AAA.
    rules: { "color-contrast-enhanced": { enabled: true } },
  };
  const found = await page.evaluate((options) => window.axe.run(document, options), options);
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} at ${node.target.join(" ")} ${node.any[0]?.message ?? ""}`),
  );
}

async function ace(page) {
  await page.evaluate(ACE);
  return page.evaluate(async () => {
    const checker = new window.ace.Checker();
    const report = await checker.check(document, ["WCAG_2_2", "IBM_Accessibility"]);
    // A wide table or chart scrolls in a box that the Tab key must reach (axe: scrollable-region-focusable),
    // and no widget role fits it.
    const scrolls = ({ ruleId, path }) =>
      ruleId === "element_tabbable_role_valid" &&
      document
        .evaluate(path.dom, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE)
        .singleNodeValue?.matches(":is(.table-scroll, .year-chart__sheet)[role=region][tabindex='0']");
    return report.results
      .filter(({ value }) => value[0] === "VIOLATION" && value[1] === "FAIL")
      .filter((fault) => !scrolls(fault))
      .map(({ ruleId, message, path }) => `${ruleId} at ${path.dom}: ${message}`);
  });
}

/** Whether something is wider than a window of this width, and what. */
async function overflow(page, width) {
  await page.setViewportSize({ width, height: 640 });
  return page.evaluate(
    ([width, describe]) => {
      if (document.documentElement.scrollWidth <= width) return [];
      const tell = eval(describe);
      const guilty = [...document.body.querySelectorAll("*")].filter(
        (element) => element.getBoundingClientRect().right > width + 1,
      );
      const wide = document.documentElement.scrollWidth;
      return [`${wide} px in ${width}: ${guilty.slice(-1).map(tell)}`];
    },
    [width, describe],
  );
}

/** WCAG 2.2 SC 1.4.12, at 320 px: nothing is cut off or wider than the window. */
async function spacing(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }",
    );
    document.adoptedStyleSheets = [sheet];
  });
  const faults = await overflow(page, 320);
  const cut = await page.evaluate((describe) => {
    const tell = eval(describe);
    return [...document.body.querySelectorAll("*")]
      .filter((element) => {
        const style = getComputedStyle(element);
        return (
          ["hidden", "clip"].includes(style.overflowY) &&
          element.clientHeight > 1 &&
          // Cut after so many lines on purpose: all of it stands on the page it leads to.
          style.webkitLineClamp === "none" &&
          element.scrollHeight > element.clientHeight + 2 &&
          element.textContent.trim()
        );
      })
      .map((element) => `cut off: ${tell(element)}`);
  }, describe);
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return [...faults.map((fault) => `spaced text, ${fault}`), ...cut];
}

/** With reduced motion asked for, nothing has a duration, and nothing scrolls smoothly. */
async function motion(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const moving = await page.evaluate((describe) => {
    const tell = eval(describe);
    const seconds = (list) => Math.max(...list.split(",").map(parseFloat));
    const faults = document.getAnimations().map((a) => `runs: ${a.animationName ?? a.transitionProperty}`);
    for (const element of document.querySelectorAll("*")) {
      for (const pseudo of [null, "::before", "::after"]) {
        const style = getComputedStyle(element, pseudo);
        const named = style.animationName !== "none" && seconds(style.animationDuration) > 0.01;
        if (named || seconds(style.transitionDuration) > 0.01) {
          faults.push(`${style.transitionDuration} ${tell(element)}${pseudo ?? ""}`);
        }
      }
    }
    if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") faults.push("scrolls");
    return faults;
  }, describe);
  await page.emulateMedia({ reducedMotion: null });
  return moving;
}

// -- Keyboard ------------------------------------------------------------------------------------

const seenFocus = new Set(); // what stands in the frame of every page is looked at once a view

/** Marks every stop of the Tab key, and says which are too small (WCAG 2.2 SC 2.5.8). */
function stops(describe) {
  const tell = eval(describe);
  const all = [
    ...document.querySelectorAll(
      "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]",
    ),
  ].filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility());
  const shown = all.filter((element) => {
    const radio = element.type === "radio" && element.name;
    return !radio || element.checked || !document.querySelector(`[name="${element.name}"]:checked`);
  });
  shown.forEach((element, index) => element.setAttribute("data-stop", index));
  const boxes = shown.map((element) => ({ element, box: element.getBoundingClientRect() }));
  const small = boxes.filter(({ element, box }) => {
    if (box.width >= 24 && box.height >= 24) return false;
    if (box.width <= 1 || element.matches(".skip, .unseen")) return false;
    // A link inside a sentence is as high as its line.
    const inText =
      getComputedStyle(element).display === "inline" &&
      [...element.parentNode.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (inText) return false;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return boxes.some(({ element: other, box: near }) => {
      if (other === element || !near.width) return false;
      const dx = Math.max(near.left - x, 0, x - near.right);
      const dy = Math.max(near.top - y, 0, y - near.bottom);
      return Math.hypot(dx, dy) < 12;
    });
  });
  return {
    names: shown.map(tell),
    small: small.map(({ element, box }) => `${Math.round(box.width)}×${Math.round(box.height)} px: ${tell(element)}`),
  };
}

async function keyboard(page, view) {
  const faults = [];
  const { names, small } = await page.evaluate(`(${stops})(${JSON.stringify(describe)})`);
  faults.push(...small);
  await page.evaluate(() => {
    window.scrollTo(0, 0);
    document.activeElement?.blur();
  });
  const reached = new Set();
  let after = 0;
  for (let press = 0; press < names.length + 5; press += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const box = element.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2];
      const above = document.elementFromPoint(x, y);
      return {
        stop: element.getAttribute("data-stop"),
        box: { x: box.x, y: box.y, width: box.width, height: box.height },
        visible: box.bottom > 0 && box.top < innerHeight && box.width > 0,
        covered: Boolean(
          above && !element.contains(above) && !above.contains(element) && !element.closest("label")?.contains(above),
        ),
        frame: Boolean(element.closest("body > header, body > footer, body > .skip, body > a")),
        markup: element.outerHTML.replace(/ (aria-current|data-stop|href)="[^"]*"/g, ""),
      };
    });
    if (!now) {
      after += 1;
      if (after > 1 || reached.size >= names.length) break;
      continue;
    }
    if (now.stop === null) {
      // Something that can be scrolled is a stop of the browser's own.
      continue;
    }
    if (reached.has(now.stop)) break;
    reached.add(now.stop);
    const name = names[Number(now.stop)];
    if (!now.visible) {
      faults.push(`not in the window when focused: ${name}`);
      continue;
    }
    if (now.covered) faults.push(`covered when focused: ${name}`);
    const key = `${view.name} ${now.frame} ${createHash("sha1").update(now.markup).digest("hex")}`;
    if (now.frame && seenFocus.has(key)) continue;
    seenFocus.add(key);
    const clip = around(now.box, view.viewport);
    const focused = await page.screenshot({ clip, animations: "disabled" });
    await page.evaluate(() => {
      window.wasFocused = document.activeElement;
      document.activeElement.blur();
    });
    const plain = await page.screenshot({ clip, animations: "disabled" });
    await page.evaluate(() => window.wasFocused.focus({ focusVisible: true, preventScroll: true }));
    if (focused.equals(plain)) faults.push(`focus not visible: ${name}`);
  }
  const missed = names.filter((_name, index) => !reached.has(String(index)));
  for (const name of missed) faults.push(`not reached by Tab: ${name}`);
  faults.push(...(await skipLink(page)));
  return faults;
}

function around(box, { width, height }) {
  const x = Math.max(0, Math.floor(box.x) - 8);
  const y = Math.max(0, Math.floor(box.y) - 8);
  return {
    x,
    y,
    width: Math.max(1, Math.min(width - x, Math.ceil(box.width) + 16)),
    height: Math.max(1, Math.min(height - y, Math.ceil(box.height) + 16)),
  };
}

async function skipLink(page) {
  await page.goto(page.url().split("#")[0]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const inside = await page.evaluate(() => document.activeElement?.localName === "main");
  return inside ? [] : ["the skip link does not move the focus into the content"];
}

// -- Weight --------------------------------------------------------------------------------------

const KB = 1000;
const FIRST = { html: 0, stylesheet: 0, font: 0, script: 0 };

/** An article: page, style sheets and fonts in 100 kB compressed, scripts in 10 of them. */
async function budget(browser, entry) {
  const context = await browser.newContext({ viewport: DESKTOP });
  const page = await context.newPage();
  const weight = { ...FIRST };
  const hosts = new Set();
  const waiting = [];
  page.on("requestfinished", (request) => {
    const kind = request.resourceType();
    hosts.add(new URL(request.url()).host);
    waiting.push(
      (async () => {
        if (kind === "document") {
          weight.html += gzipSync(await (await request.response()).body(), { level: 6 }).length;
        } else if (kind in weight) {
          weight[kind] += (await request.sizes()).responseBodySize;
        }
      })(),
    );
  });
  await page.goto(job.base + entry.path, { waitUntil: "networkidle" });
  await Promise.all(waiting);
  const cookies = await context.cookies();
  const stored = await page.evaluate(() => localStorage.length + sessionStorage.length);
  await context.close();
  const faults = [];
  const total = Object.values(weight).reduce((sum, bytes) => sum + bytes, 0);
  const told = Object.entries(weight).map(([kind, bytes]) => `${kind} ${(bytes / KB).toFixed(1)}`);
  if (entry.kind === "news-article") {
    results.budget.note = `an article ${(total / KB).toFixed(1)} kB: ${told.join(", ")}`;
    if (total > 100 * KB) faults.push(`${(total / KB).toFixed(1)} kB (${told.join(", ")})`);
  }
  if (weight.script > 10 * KB) faults.push(`scripts of ${(weight.script / KB).toFixed(1)} kB`);
  const foreign = [...hosts].filter((host) => host !== new URL(job.base).host);
  if (foreign.length) faults.push(`asks other hosts: ${foreign.join(" ")}`);
  if (cookies.length) faults.push(`${cookies.length} cookies`);
  if (stored) faults.push(`${stored} entries in the browser's storage`);
  return faults;
}

// -- Without JavaScript --------------------------------------------------------------------------

const words = (page) =>
  page.evaluate(() => document.querySelector("main").innerText.replace(/\s+/g, " ").trim());

async function withoutScripts(page, entry, view) {
  const full = await words(page);
  // A button that a script adds is a convenience: what it does must be possible without it.
  const added = await page.evaluate(() =>
    [...document.querySelectorAll("main button")].map((button) => button.innerText).join(" "),
  );
  const context = await page.context().browser().newContext({
    viewport: view.viewport,
    javaScriptEnabled: false,
  });
  const plain = await context.newPage();
  await plain.goto(job.base + entry.path);
  const kept = new Set([await words(plain), added].join(" ").split(/\s+/));
  await context.close();
  const missing = full.split(" ").filter((word) => !kept.has(word));
  return missing.length ? [`words missing without scripts: ${missing.slice(0, 8).join(" ")}`] : [];
}

/** What visitors come for, done with scripts switched off, on a telephone. */
async function tasks(browser) {
  const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const list = (kind, language) =>
    job.pages.find((entry) => entry.kind === kind && entry.language === language)?.path;
  const attempts = {
    "open the menu and go to the laboratories": async () => {
      await page.goto(`${job.base}/en/`);
      await page.locator(".site-menu summary").click();
      await page.locator('.site-menu a[href$="/laboratories/"]').click();
      if (!page.url().endsWith("/en/laboratories/")) throw new Error(page.url());
    },
    "read the same page in French": async () => {
      await page.goto(job.base + list("news-article", "en"));
      await page.locator(".site-menu summary").click();
      await page.locator(".site-menu [hreflang=fr]").click();
      if ((await page.locator("html").getAttribute("lang")) !== "fr") throw new Error(page.url());
    },
    "filter the news, and share the address": async () => {
      await page.goto(job.base + list("news-list", "en"));
      await page.locator('form.filter-bar select[name="kind"]').selectOption({ index: 1 });
      await page.locator("form.filter-bar button[type=submit]").first().click();
      if (!/[?&]kind=./.test(page.url())) throw new Error(page.url());
      const shared = page.url();
      const before = await words(page);
      await page.goto(shared);
      if ((await words(page)) !== before) throw new Error("another list at the same address");
    },
    "go from a note back to its place in the text": async () => {
      for (const entry of job.pages.filter(({ kind }) => kind === "news-article")) {
        await page.goto(job.base + entry.path);
        const call = page.locator('main sup a[href^="#"], main a[role="doc-noteref"]').first();
        if (!(await call.count())) continue;
        await call.click();
        if (!page.url().includes("#")) throw new Error(page.url());
      }
    },
  };
  if (list("search-search", "en") ?? list("home-search", "en")) {
    attempts["search for a laboratory"] = async () => {
      await page.goto(job.base + (list("search-search", "en") ?? list("home-search", "en")));
      await page.locator('main input[name="q"]').fill("laboratory");
      await page.locator('main form:has(input[name="q"]) button[type=submit]').first().click();
      if (!(await page.locator("main a[href*='/en/']").count())) throw new Error("nothing found");
    };
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      judge("nojs", name, []);
    } catch (error) {
      judge("nojs", name, [String(error.message).split("\n")[0]]);
    }
  }
  await context.close();
}

// -- All pages -----------------------------------------------------------------------------------

async function look(browser, entry, view) {
  const where = `${entry.path} (${view.name})`;
  const context = await browser.newContext({
    viewport: view.viewport,
    colorScheme: view.scheme,
    locale: entry.language,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("console", (message) => {
    // The status of the page itself is no complaint: "not found" is meant to be.
    const own = message.location().url === job.base + entry.path;
    if (["error", "warning"].includes(message.type()) && !own) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(job.base + entry.path, { waitUntil: "load" });
    await page.evaluate(() => document.fonts.ready);
    if (!(await page.locator("main h1").count())) throw new Error("no content to judge");
    if (wanted.has("axe")) judge("axe", where, await axe(page));
    const quick = view.name === WALKED[entry.language];
    if (quick && wanted.has("nojs")) judge("nojs", where, await withoutScripts(page, entry, view));
    if (quick && wanted.has("motion")) judge("motion", where, await motion(page));
    if (quick && wanted.has("keyboard")) judge("keyboard", where, await keyboard(page, view));
    if (view.viewport === PHONE && wanted.has("reflow")) {
      const faults = await overflow(page, 256);
      faults.unshift(...(await overflow(page, 320)));
      faults.push(...(await spacing(page)));
      judge("reflow", where, faults);
      await page.setViewportSize(view.viewport);
    }
    if (wanted.has("console")) judge("console", where, complaints);
    // The same rules as axe's in other words, which take longest of all: once for each kind of page.
    const once = quick && (entry.language === "en" || !translated.has(entry.kind));
    if (once && wanted.has("ibm")) judge("ibm", where, await ace(page));
  } catch (error) {
    const first = String(error.message ?? error).split("\n")[0];
    for (const check of VIEWED.filter((name) => wanted.has(name))) {
      judge(check, where, [`could not be judged: ${first}`]);
    }
  }
  await context.close();
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
const work = [];
const viewed = VIEWED.some((name) => wanted.has(name));
for (const entry of job.pages) {
  if (viewed) for (const view of VIEWS[entry.language]) work.push(() => look(browser, entry, view));
  if (wanted.has("budget")) {
    work.push(async () => judge("budget", entry.path, await budget(browser, entry)));
  }
}
if (wanted.has("nojs")) work.push(() => tasks(browser));
await Promise.all(
  Array.from({ length: WINDOWS }, async () => {
    for (let next = work.shift(); next; next = work.shift()) await next();
  }),
);
await browser.close();
process.stdout.write(JSON.stringify(results));
