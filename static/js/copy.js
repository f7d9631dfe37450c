// Copy a text to the clipboard and say so; a button that htmx brings works too.
// <button data-tps-copy="https://…" data-tps-copied="Lien copié" hidden>Copier le lien</button>
(() => {
  if (!navigator.clipboard) return;

  function prepare(root) {
    root.querySelectorAll("[data-tps-copy][hidden]").forEach((button) => {
      const label = button.textContent;
      button.setAttribute("aria-live", "polite");
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.dataset.tpsCopy);
        button.textContent = button.dataset.tpsCopied;
        setTimeout(() => { button.textContent = label; }, 3000);
      });
    });
  }

  prepare(document);
  document.addEventListener("htmx:afterSwap", () => prepare(document));
})();
