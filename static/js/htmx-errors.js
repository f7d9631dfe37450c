// Says when a request of the page failed, and leads to sign-in when the session has ended.
// An element that deals with its own failures carries `data-tps-own-errors`; one that asks by
// itself, `data-tps-quiet`: it must not take a person away from what they are writing.
(() => {
  const login = () => (document.querySelector("meta[name=tps-login]") || {}).content;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = event.detail.xhr.responseURL;
    if (!answered || !login() || window.location.pathname === login()) return;
    if (new URL(answered).pathname !== login()) return;
    event.detail.shouldSwap = false;
    if (event.target.closest("[data-tps-quiet]")) return;
    const here = encodeURIComponent(window.location.pathname + window.location.search);
    window.location.assign(`${login()}?next=${here}`);
  });

  function show(text) {
    const place = document.getElementById("tps-messages");
    if (!place) return;
    const alert = document.createElement("div");
    alert.className = "fr-alert fr-alert--error fr-alert--sm fr-mb-3w";
    alert.setAttribute("role", "alert");
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    alert.append(paragraph);
    place.replaceChildren(alert);
    place.scrollIntoView({ block: "nearest" });
  }

  function onFailure(event, text) {
    if (!event.target.closest("[data-tps-own-errors]")) show(text);
  }

  document.addEventListener("htmx:sendError", (event) =>
    onFailure(event, "La connexion est perdue. Vérifiez votre réseau, puis recommencez : ce que vous avez saisi est encore là."));
  document.addEventListener("htmx:timeout", (event) =>
    onFailure(event, "Le service tarde à répondre. Recommencez dans un instant."));
  document.addEventListener("htmx:responseError", (event) =>
    onFailure(event, event.detail.xhr.status === 429
      ? "Trop de demandes à la suite. Patientez une minute, puis recommencez."
      : "L’opération n’a pas abouti. Rechargez la page, puis recommencez."));
})();
