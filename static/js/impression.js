// `[data-tps-print]` prints the page.
(() => {
  document.querySelectorAll("[data-tps-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
