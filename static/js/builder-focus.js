// Keeps the focus and what is being typed where they are when parts of the builder change.
(() => {
  const builder = document.querySelector("[data-tps-builder]");
  if (!builder) return;
  let typed = null;

  // The server names what to look at: `HX-Trigger-After-Settle: {"tps:focus": {"value": "#id"}}`.
  document.addEventListener("tps:focus", (event) => {
    const place = document.querySelector(event.detail.value);
    if (!place) return;
    place.focus();
    if (place.select) place.select();
    const card = document.querySelector(".tps-champ--selected");
    if (card && window.matchMedia("(min-width: 62em)").matches) card.scrollIntoView({ block: "nearest" });
  });

  // An answer may come while one types on: what was typed since stays, and is saved in its turn.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = document.activeElement;
    const source = event.detail.requestConfig && event.detail.requestConfig.elt;
    const isOwn = source && source.matches("[data-tps-properties]") && field && source.contains(field);
    typed = isOwn && "value" in field && field.type !== "checkbox" ? { id: field.id, value: field.value } : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = typed && document.getElementById(typed.id);
    if (field && field.value !== typed.value) {
      field.value = typed.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    typed = null;
  });

  // Someone else changed the form meanwhile: what the answer refers to is not on this page.
  document.addEventListener("htmx:oobErrorNoTarget", () => window.location.reload());
})();
