// Leaves in the second list of `[data-tps-linked]` only what goes with the first. Without it the
// second shows all, in groups, and the server checks the pair.
(() => {
  document.querySelectorAll("[data-tps-linked]").forEach((fieldset) => {
    const primary = fieldset.querySelector("[data-tps-primary]");
    const secondary = fieldset.querySelector("[data-tps-secondary]");
    if (fieldset.closest("[inert]")) return;
    const placeholder = secondary.options[0];
    const groups = new Map([...secondary.querySelectorAll("optgroup")].map((group) => [group.label, [...group.children]]));

    function narrow() {
      const options = groups.get(primary.value) || [];
      const chosen = options.find((option) => option.selected);
      secondary.replaceChildren(placeholder, ...options);
      secondary.value = chosen ? chosen.value : "";
    }

    function follow(event) {
      if (event.target !== primary) return;
      secondary.value = "";
      narrow();
      // Half an answer is not saved: the other half is about to come.
      if (primary.value) event.stopPropagation();
    }

    fieldset.addEventListener("input", follow);
    fieldset.addEventListener("change", follow);
    narrow();
  });
})();
