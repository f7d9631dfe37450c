// Filters the types of champ while one types; Enter goes to the first one found.
(() => {
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const palette = document.querySelector("[data-tps-palette]");
  const search = palette && palette.querySelector("[data-tps-palette-search]");
  if (!search) return;
  const items = [...palette.querySelectorAll("[data-tps-palette-item]")];

  function filter() {
    const words = fold(search.elements.q.value).split(/\s+/).filter(Boolean);
    let found = 0;
    items.forEach((item) => {
      const text = fold(item.dataset.tpsPaletteItem);
      item.hidden = !words.every((word) => text.includes(word));
      found += item.hidden ? 0 : 1;
    });
    palette.querySelectorAll("[data-tps-palette-group]").forEach((group) => {
      group.hidden = !group.querySelector("[data-tps-palette-item]:not([hidden])");
    });
    palette.querySelector("[data-tps-palette-none]").hidden = found > 0;
    return found;
  }

  search.addEventListener("input", () => {
    const found = filter();
    const text = `${found} type${found > 1 ? "s" : ""} de champ`;
    document.dispatchEvent(new CustomEvent("tps:announce", { detail: text }));
  });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
    const first = palette.querySelector("[data-tps-palette-item]:not([hidden]) button");
    if (first) first.focus();
  });
})();
