/* Two columns of radio buttons: the older version always stands below the newer one. Without this
   script any pair can be sent; the server puts it in order. */

for (const form of document.querySelectorAll("[data-compare]")) {
  const column = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];
  const older = column("older");
  const newer = column("newer");

  const chosen = (radios) => radios.findIndex((radio) => radio.checked);

  const settle = () => {
    const from = chosen(older);
    const to = chosen(newer);
    older.forEach((radio, at) => { radio.disabled = to >= 0 && at <= to; });
    newer.forEach((radio, at) => { radio.disabled = from >= 0 && at >= from; });
  };

  form.addEventListener("change", settle);
  // A page come back to keeps its choice, once the browser has put it back.
  addEventListener("pageshow", settle);
  settle();
}
