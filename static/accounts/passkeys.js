// A passkey that was not given, or not accepted by the browser, is told on the page in its words.
// The library announces each failure and would otherwise only write it to the console.

const words = document.querySelector(".passkey-failed");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const name = event.detail.exception?.name;
  const kind = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" }[name];
  words.textContent = words.dataset[kind ?? "failed"];
  words.hidden = false;
});
