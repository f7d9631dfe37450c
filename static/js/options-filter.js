// Puts above the boxes of `[data-tps-options-filter]` a field that hides those without the words
// typed in it; what is ticked always stays in sight.
(() => {
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/’/g, "'").toLowerCase().trim();

  document.querySelectorAll("[data-tps-options-filter]").forEach((fieldset) => {
    const options = [...fieldset.querySelectorAll("input[type=checkbox]")].map((box) => {
      const element = box.closest(".fr-fieldset__element");
      return { box, element, folded: fold(element.textContent) };
    });
    if (!options.length || fieldset.closest("[inert]")) return;
    const element = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const status = document.createElement("p");
    element.className = "fr-fieldset__element";
    label.className = "fr-label fr-text--sm fr-mb-0";
    label.textContent = "Chercher dans la liste";
    input.className = "fr-input";
    input.type = "search";
    input.autocomplete = "off";
    input.id = `${fieldset.id}_filtre`;
    label.htmlFor = input.id;
    status.className = "fr-hint-text fr-mt-1v fr-mb-1w";
    status.setAttribute("role", "status");
    element.append(label, input, status);
    options[0].element.before(element);

    function filter() {
      const words = fold(input.value).split(/\s+/);
      options.forEach((option) => {
        option.element.hidden = !option.box.checked && !words.every((word) => option.folded.includes(word));
      });
      const shown = options.filter((option) => !option.element.hidden).length;
      const ticked = options.filter((option) => option.box.checked).length;
      status.textContent = `${shown} sur ${options.length} affichées, ${ticked} cochée${ticked > 1 ? "s" : ""}`;
    }

    input.addEventListener("input", (event) => {
      event.stopPropagation(); // nothing is answered
      filter();
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    fieldset.addEventListener("change", filter);
    filter();
  });
})();
