// Asks, while a form is open, who else fills it in and what they answered: a question that was
// answered elsewhere is shown anew, unless one is writing in it; then its save will ask.
(() => {
  const ALONE_MS = 30000;
  const TOGETHER_MS = 8000;
  const FIRST_MS = 1500;
  const form = document.querySelector("form[data-tps-news]");
  if (!form) return;
  let since = form.dataset.tpsSince;
  let timer = 0;

  const isBusy = (champ) => champ.contains(document.activeElement)
    || [champ, ...champ.querySelectorAll("[data-tps-champ]")].some((one) => form.tpsIsUnsaved && form.tpsIsUnsaved(one));

  function replace(row, isAsked) {
    const place = document.getElementById(row.id);
    if (!place) return false;
    if (!isAsked && isBusy(place)) {
      const state = document.getElementById(`etat-${place.dataset.tpsKey}`);
      if (state) state.textContent = "Quelqu’un d’autre vient de changer cette réponse.";
      return false;
    }
    const fresh = document.adoptNode(row);
    place.replaceWith(fresh);
    fresh.dispatchEvent(new CustomEvent("tps:insere", { bubbles: true }));
    return true;
  }

  function put(html, isAsked) {
    const parts = [...new DOMParser().parseFromString(html, "text/html").body.children];
    let count = 0;
    parts.forEach((part) => {
      if (part.matches(".tps-champ")) {
        count += replace(part, isAsked) ? 1 : 0;
        return;
      }
      const place = part.id && document.getElementById(part.id);
      if (place && place.innerHTML !== part.innerHTML) place.replaceChildren(...part.childNodes);
    });
    const hidden = parts.find((part) => part.id === "champs-masques");
    if (hidden) form.dispatchEvent(new CustomEvent("tps:masques", { detail: hidden.dataset.tpsHidden }));
    if (count) form.dispatchEvent(new CustomEvent("tps:insere"));
    return { parts, count };
  }

  async function ask() {
    window.clearTimeout(timer);
    let delay = ALONE_MS;
    if (document.visibilityState === "visible") {
      try {
        const query = new URLSearchParams({ page: form.elements.page.value, depuis: since });
        const response = await fetch(`${form.dataset.tpsNews}?${query}`, {
          headers: { "HX-Request": "true" }, redirect: "manual", credentials: "same-origin",
        });
        if (response.ok) {
          const { parts, count } = put(await response.text(), false);
          const presence = parts.find((part) => part.id === "presence");
          if (!presence) return; // the dossier no longer changes
          since = presence.dataset.tpsSince;
          if (document.querySelector("#presence p")) delay = TOGETHER_MS;
          if (count) {
            document.dispatchEvent(new CustomEvent("tps:announce", {
              detail: count === 1 ? "Une réponse donnée ailleurs est affichée." : `${count} réponses données ailleurs sont affichées.`,
            }));
          }
        }
      } catch { /* offline: the next one will tell */ }
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, delay);
  }

  form.addEventListener("tps:remplace", (event) => put(event.detail, true));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });
  timer = window.setTimeout(ask, FIRST_MS);
})();
