/**
 * Many pictures at once: dropped on the page or chosen, sent two at a time, each with a progress and
 * a fate of its own. Without this file the same form sends them all together.
 */

const AT_A_TIME = 2;
/** How often a file is sent again to a server that says it is busy (503). */
const AGAIN = 30;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

/** Sends one file; `onProgress` gets a fraction. Resolves to status and answer, never rejects. */
function send(address, token, file, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch() does not tell how much has been sent
    const body = new FormData();
    body.append("file", file);
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", token);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => {
      const pause = Number(request.getResponseHeader("Retry-After")) || 2;
      resolve({ status: request.status, answer: request.response, pause });
    });
    request.send(body);
  });
}

function start(zone) {
  const words = JSON.parse(document.getElementById("drop-words").textContent);
  const form = zone.querySelector("form");
  const input = form.elements.files;
  const token = form.elements.csrfmiddlewaretoken.value;
  const [area, sum, list, onward] = ["progress", "sum", "files", "complete"].map((name) =>
    zone.querySelector(`[data-drop-${name}]`),
  );
  const waiting = [];
  const fresh = [];
  const count = { total: 0, done: 0, added: 0, known: 0, failed: 0 };
  let busy = 0;

  form.querySelector("[type=submit]").hidden = true; // choosing is enough

  function add(files) {
    for (const file of files) {
      const row = document.createElement("li");
      row.className = "drop__file";
      const name = document.createElement("span");
      name.className = "drop__name";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.className = "drop__bar";
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      const said = document.createElement("span");
      said.className = "drop__said";
      said.textContent = words.waiting;
      row.append(name, bar, said);
      list.append(row);
      waiting.push({ file, row, bar, said });
      count.total += 1;
    }
    area.hidden = count.total === 0;
    tell();
    while (busy < AT_A_TIME && waiting.length) next();
  }

  async function next() {
    const job = waiting.shift();
    if (!job) return;
    busy += 1;
    const progress = (part) => {
      job.bar.value = part;
      job.said.textContent =
        part < 1 ? filled(words.sending, { percent: Math.round(part * 100) }) : words.working;
    };
    let sent = await send(zone.dataset.take, token, job.file, progress);
    for (let tries = 0; sent.status === 503 && tries < AGAIN; tries += 1) {
      job.bar.value = 0;
      job.said.textContent = words.waiting;
      const seconds = sent.pause;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      sent = await send(zone.dataset.take, token, job.file, progress);
    }
    settle(job, sent.status, sent.answer);
    busy -= 1;
    count.done += 1;
    tell();
    next();
  }

  function settle({ row, bar, said }, status, answer) {
    bar.remove();
    if ((status === 200 || status === 201) && answer) {
      const link = document.createElement("a");
      link.href = answer.url;
      link.textContent = answer.title;
      let fate = answer.state === "known" ? words.known : words.added;
      if (answer.missing?.length) {
        fate = filled(words.incomplete, { fields: answer.missing.join(", ") });
        fresh.push(answer.id);
      }
      said.replaceChildren(`${fate} · `, link);
      if (answer.thumb) {
        const thumb = document.createElement("img");
        thumb.src = answer.thumb;
        thumb.alt = "";
        row.prepend(thumb);
      }
      row.classList.add(`drop__file--${answer.state}`);
      count[answer.state === "known" ? "known" : "added"] += 1;
    } else {
      said.textContent = answer?.error || words.failed;
      row.classList.add("drop__file--failed");
      list.prepend(row); // what needs somebody stands first
      count.failed += 1;
    }
  }

  function tell() {
    const over = count.done === count.total;
    sum.textContent = filled(over ? words.finished : words.progress, count);
    onward.hidden = !(over && fresh.length);
    if (!onward.hidden) onward.href = `${zone.dataset.complete}?ids=${fresh.join(",")}`;
  }

  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add(input.files);
  });

  // Anywhere on the page: a file dropped beside the zone must not replace the page by itself.
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    zone.classList.add("drop--over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("drop--over");
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("drop--over");
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
}

for (const zone of document.querySelectorAll("[data-drop]")) start(zone);
