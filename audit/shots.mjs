// Pictures of every page for people to look through: `node shots.mjs JOB`, with {base, pages, out,
// readme}: one folder a language, named KIND-WIDTH-THEME.jpg, and two small ones for the README.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const job = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const WIDTHS = { phone: { width: 360, height: 800 }, desktop: { width: 1440, height: 1000 } };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
});

async function open(path, viewport, colorScheme, more = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    reducedMotion: "reduce",
    ...more,
  });
  const page = await context.newPage();
  await page.goto(job.base + path, { waitUntil: "load" });
  // Pictures that load when they come near: go past all of them, then back to the top.
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
      window.scrollTo(0, y);
      await new Promise((done) => setTimeout(done, 30));
    }
    window.scrollTo(0, 0);
    const near = [...document.images].filter((image) => image.checkVisibility());
    const late = new Promise((done) => setTimeout(done, 3000));
    await Promise.race([late, Promise.all(near.map((image) => image.decode().catch(() => {})))]);
    await document.fonts.ready;
  });
  return [context, page];
}

const work = [];
for (const { kind, language, path } of job.pages) {
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    for (const scheme of ["light", "dark"]) {
      work.push(async () => {
        const [context, page] = await open(path, viewport, scheme);
        const folder = `${job.out}/${language}`;
        mkdirSync(folder, { recursive: true });
        const name = `${folder}/${kind}-${width}-${scheme}.jpg`;
        await page.screenshot({ path: name, fullPage: true, type: "jpeg", quality: 80 });
        await context.close();
      });
    }
  }
}
for (const { path, file, width, scheme } of job.readme) {
  work.push(async () => {
    const [context, page] = await open(path, WIDTHS[width], scheme);
    await page.screenshot({ path: file });
    await context.close();
  });
}
const count = work.length;
await Promise.all(
  Array.from({ length: 3 }, async () => {
    for (let next = work.shift(); next; next = work.shift()) await next();
  }),
);
await browser.close();
process.stdout.write(`${count}\n`);
