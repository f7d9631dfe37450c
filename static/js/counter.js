// Says how many characters are left in each `[data-tps-counter="<limit>"]`, below it; what is
// typed beyond is never cut. Read out after a pause, so as not to speak over typing.
(() => {
  const PAUSE_MS = 1000;
  const write = (count) => `${count.toLocaleString("fr-FR")} caractère${count > 1 ? "s" : ""}`;

  const prepare = (root) => root.querySelectorAll("[data-tps-counter]").forEach((field) => {
    const limit = Number(field.dataset.tpsCounter);
    const shown = document.createElement("p");
    const spoken = document.createElement("p");
    let timer;
    shown.className = "fr-hint-text fr-mt-1v fr-mb-0";
    shown.setAttribute("aria-hidden", "true");
    spoken.className = "fr-sr-only";
    spoken.setAttribute("aria-live", "polite");
    field.after(shown, spoken);

    function count() {
      const left = limit - [...field.value].length;
      shown.textContent = left >= 0 ? `Il reste ${write(left)}` : `${write(-left)} en trop`;
      window.clearTimeout(timer);
      return shown.textContent;
    }

    field.addEventListener("input", () => {
      const text = count();
      timer = window.setTimeout(() => { spoken.textContent = text; }, PAUSE_MS);
    });
    count();
  });
  prepare(document);
  document.addEventListener("tps:insere", (event) => prepare(event.target));
})();
