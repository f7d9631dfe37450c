// Moves a champ by dragging its handle (mouse, pen, finger) or with Alt+↑ and Alt+↓.
(() => {
  const list = document.querySelector("[data-tps-champs]");
  if (!list) return;
  const EDGE = 80;
  const STEP = 12;
  let drag = null;

  function send(card, values) {
    window.htmx.ajax("POST", card.dataset.tpsMove, {
      source: list, target: "#proprietes", swap: "outerHTML", values,
    });
  }

  const previousOf = (card) => card.previousElementSibling && card.previousElementSibling.dataset.tpsChamp;

  function place(y) {
    const others = [...list.children].filter((card) => card !== drag.card);
    const next = others.find((card) => {
      const box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if (next !== drag.card.nextElementSibling) list.insertBefore(drag.card, next || null);
  }

  function scroll() {
    if (!drag) return;
    const fromBottom = window.innerHeight - drag.y;
    if (drag.y < EDGE) window.scrollBy(0, -STEP);
    else if (fromBottom < EDGE) window.scrollBy(0, STEP);
    if (drag.y < EDGE || fromBottom < EDGE) place(drag.y);
    drag.frame = window.requestAnimationFrame(scroll);
  }

  function end(isDropped) {
    const { card, handle, before, next, pointer, frame } = drag;
    window.cancelAnimationFrame(frame);
    card.classList.remove("tps-champ--dragged");
    if (handle.hasPointerCapture(pointer)) handle.releasePointerCapture(pointer);
    drag = null;
    if (!isDropped) list.insertBefore(card, next);
    else if (previousOf(card) !== before) send(card, { apres: previousOf(card) || "" });
  }

  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-tps-drag]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    const card = handle.closest("[data-tps-champ]");
    drag = { card, handle, before: previousOf(card), next: card.nextElementSibling, pointer: event.pointerId, y: event.clientY };
    card.classList.add("tps-champ--dragged");
    drag.frame = window.requestAnimationFrame(scroll);
  });
  // On the document: a card that changes place loses the capture of the pointer.
  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    drag.y = event.clientY;
    place(drag.y);
  });
  document.addEventListener("pointerup", (event) => {
    if (drag && event.pointerId === drag.pointer) end(true);
  });
  document.addEventListener("pointercancel", (event) => {
    if (drag && event.pointerId === drag.pointer) end(false);
  });
  document.addEventListener("keydown", (event) => {
    if (drag && event.key === "Escape") end(false);
  });

  list.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-tps-champ]");
    const way = { ArrowUp: "haut", ArrowDown: "bas" }[event.key];
    if (!card || !way || !event.altKey) return;
    event.preventDefault();
    send(card, { vers: way });
  });
})();
