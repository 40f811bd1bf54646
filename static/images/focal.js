/**
 * The focal point of a picture: a click, a drag, the arrow keys, or the two number fields, which
 * are the truth and work without this file. `object-position` with the same two percentages cuts
 * exactly as the server does (renditions.py, Shape.crop_box), so the previews do not lie.
 */

const STEP = 0.01;
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const within = (value) => Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0.5));

function start(picker) {
  const form = picker.closest("form");
  const inputs = { x: form?.elements.focal_x, y: form?.elements.focal_y };
  if (!inputs.x || !inputs.y) return; // Someone who may only look.
  const image = picker.querySelector("[data-focal-image]");
  const point = picker.querySelector("[data-focal-point]");
  const crops = picker.querySelectorAll("[data-focal-crop]");
  const value = picker.querySelector("[data-focal-value]");

  const read = () => [inputs.x, inputs.y].map((input) => within(Number.parseFloat(input.value)));

  function show() {
    const [x, y] = read().map((value) => `${(value * 100).toFixed(1)}%`);
    point.style.setProperty("--x", x);
    point.style.setProperty("--y", y);
    for (const crop of crops) crop.style.objectPosition = `${x} ${y}`;
    value.textContent = value.dataset.said
      .replace("{x}", Math.round(Number.parseFloat(x)))
      .replace("{y}", Math.round(Number.parseFloat(y)));
  }

  function write(x, y) {
    inputs.x.value = within(x).toFixed(2);
    inputs.y.value = within(y).toFixed(2);
    for (const input of [inputs.x, inputs.y]) {
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function fromPointer(event) {
    const box = image.getBoundingClientRect();
    write((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }

  image.addEventListener("click", fromPointer);
  point.addEventListener("pointerdown", (event) => point.setPointerCapture(event.pointerId));
  point.addEventListener("pointermove", (event) => {
    if (point.hasPointerCapture(event.pointerId)) fromPointer(event);
  });
  point.addEventListener("keydown", (event) => {
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    const [x, y] = read();
    const stride = event.shiftKey ? STEP * 10 : STEP;
    write(x + move[0] * stride, y + move[1] * stride);
  });
  for (const input of [inputs.x, inputs.y]) {
    input.addEventListener("input", show);
    input.addEventListener("change", show);
  }

  // A new picture is shown before it is sent, so that its point can be set at once.
  const file = form.elements.file;
  let address = "";
  function preview(source) {
    picker.hidden = false;
    image.removeAttribute("width");
    image.removeAttribute("height");
    for (const shown of [image, ...crops]) shown.src = source;
  }

  file?.addEventListener("change", () => {
    URL.revokeObjectURL(address);
    picker.hidden = file.files.length === 0;
    if (picker.hidden) return;
    address = URL.createObjectURL(file.files[0]);
    preview(address);
    write(0.5, 0.5);
  });
  const kept = form.querySelector(".kept-picture img");
  if (kept && picker.hidden) preview(kept.src);
  show();
}

for (const picker of document.querySelectorAll("[data-focal-picker]")) start(picker);
