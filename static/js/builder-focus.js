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

  // The sentence of a condition is not replaced by the answer to what it no longer says: the
  // request that follows carries it whole.
  const said = new WeakMap();
  const serialized = (form) => new URLSearchParams(new FormData(form)).toString();
  const conditionOf = (event) => {
    const source = event.detail.requestConfig && event.detail.requestConfig.elt;
    return source && source.matches("form[data-tps-condition]") ? source : null;
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = conditionOf(event);
    if (form) said.set(event.detail.xhr, serialized(form));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = conditionOf(event);
    if (form && said.get(event.detail.xhr) !== serialized(form)) event.detail.shouldSwap = false;
  });

  // Someone else changed the form meanwhile: what the answer refers to is not on this page.
  document.addEventListener("htmx:oobErrorNoTarget", () => window.location.reload());
})();
