// Keeps what is being written in `[data-tps-draft]` of `<form data-tps-draft-of="<page>">` until the
// message is in the thread (`[data-tps-token]`): a reload, an error or the end of the session lose
// nothing. Puts a canned answer where the cursor is. Asks for nothing while the page is hidden.
(() => {
  const form = document.querySelector("form[data-tps-draft-of]");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest("[data-tps-quiet]") && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", () => {
    const empty = document.getElementById("messagerie-vide");
    if (empty && document.querySelector(".tps-message")) empty.remove();
  });
  if (!form) return;

  const box = form.querySelector("[data-tps-draft]");
  const token = form.elements.token;
  const status = form.querySelector("[data-tps-draft-status]");
  const key = `tps-brouillon-message:${form.dataset.tpsDraftOf}`;

  function read() {
    try {
      return JSON.parse(window.sessionStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function keep(isLeaving = false) {
    try {
      const draft = { text: box.value, token: token.value, isLeaving };
      if (box.value) window.sessionStorage.setItem(key, JSON.stringify(draft));
      else window.sessionStorage.removeItem(key);
    } catch {
      // No storage in this browser: the page works without.
    }
  }

  const kept = read();
  const isSent = kept && kept.isLeaving && [...document.querySelectorAll("[data-tps-token]")]
    .some((message) => message.dataset.tpsToken === kept.token);
  if (isSent) {
    window.sessionStorage.removeItem(key);
  } else if (kept && !box.value) {
    box.value = kept.text;
    // The same message, should it have reached the server without this page knowing.
    token.value = kept.token;
    status.textContent = "Nous avons gardé le message que vous n’aviez pas envoyé.";
  }
  box.addEventListener("input", () => {
    status.textContent = "";
    keep();
  });
  form.addEventListener("submit", () => keep(true));

  const canned = document.querySelector("form[data-tps-canned]");
  if (!canned) return;
  const select = canned.querySelector("select");
  canned.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!select.value) {
      select.focus();
      return;
    }
    try {
      const response = await fetch(`${canned.dataset.tpsCanned}?reponse=${select.value}`, { credentials: "same-origin", redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      const text = await response.text();
      box.focus();
      const start = box.selectionStart;
      const before = start && !box.value.slice(0, start).endsWith("\n") ? "\n\n" : "";
      box.setRangeText(before + text, start, box.selectionEnd, "end");
      keep();
      status.textContent = `« ${select.selectedOptions[0].label} » : inséré. Relisez avant d’envoyer.`;
    } catch {
      status.textContent = "La réponse type n’a pas pu être insérée. Vérifiez votre connexion, puis recommencez.";
    }
  });
})();
