// « Coller un plan » inserts after the champ selected at that moment, not when the page came.
(() => {
  const link = document.querySelector("[data-tps-plan-link]");
  if (!link) return;
  link.addEventListener("click", () => {
    const selected = document.getElementById("champ-selectionne");
    const url = new URL(link.href);
    url.searchParams.set("apres", selected ? selected.value : "");
    link.href = url.href;
  });
})();
