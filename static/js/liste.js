// The list of dossiers by keyboard: j and k walk its rows, o opens one, x ticks it, / goes to the
// search, ? shows the help. Nothing happens while one types, or with Ctrl, Alt or Meta.
// Rows are found anew each time: htmx swaps them.
(() => {
  const links = () => [...document.querySelectorAll(".tps-dossiers__link")];
  const rowOf = (element) => element && element.closest(".tps-dossiers__row");
  const current = () => rowOf(document.activeElement);

  const move = (step) => {
    const all = links();
    if (!all.length) return;
    const here = all.findIndex((link) => rowOf(link) === current());
    const next = here === -1 ? (step > 0 ? 0 : all.length - 1) : here + step;
    const link = all[Math.min(Math.max(next, 0), all.length - 1)];
    link.focus();
    rowOf(link).scrollIntoView({ block: "nearest" });
  };

  const tick = () => {
    const box = current() && current().querySelector(".tps-dossiers__box");
    if (box) box.click();
  };

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    o: () => current() && current().querySelector(".tps-dossiers__link").click(),
    x: tick,
    "/": () => document.getElementById("recherche-dossier")?.focus(),
    "?": () => document.querySelector("[data-tps-dialog-open=raccourcis]")?.click(),
  };

  const isTyping = (target) =>
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])");

  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey || event.isComposing || isTyping(target)) return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(actions, key)) return;
    event.preventDefault();
    actions[key]();
  });

  const say = () => {
    const place = document.querySelector("[data-tps-selection]");
    if (!place) return;
    const count = document.querySelectorAll(".tps-dossiers__box:checked").length;
    place.hidden = count === 0;
    const plural = count > 1 ? "s" : "";
    place.textContent = `${count} dossier${plural} sélectionné${plural}`;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches(".tps-dossiers__box")) say();
  });
  document.addEventListener("htmx:afterSettle", say);
  say();
})();
