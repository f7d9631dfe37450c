// Reads out short texts: `document.dispatchEvent(new CustomEvent("tps:announce", {detail: "…"}))`,
// the response header `HX-Trigger: {"tps:announce": "…"}`, or a swapped-in `[data-tps-announce]`.
(() => {
  const region = () => document.getElementById("tps-live");

  function announce(text) {
    const place = region();
    if (!place || !text) return;
    place.textContent = "";
    // A pause, so that the same text twice is read twice.
    window.setTimeout(() => { place.textContent = text; }, 100);
  }

  document.addEventListener("tps:announce", (event) => {
    const detail = event.detail;
    announce(typeof detail === "string" ? detail : detail && detail.value);
  });
  document.addEventListener("htmx:load", (event) => {
    const root = event.detail.elt;
    const source = root.matches("[data-tps-announce]") ? root : root.querySelector("[data-tps-announce]");
    if (source && root !== document.body) announce(source.dataset.tpsAnnounce || source.textContent.trim());
  });
})();
