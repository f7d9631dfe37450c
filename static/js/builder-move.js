// Moves a champ by dragging its handle (mouse, pen, finger) or with Alt+↑ and Alt+↓. A bloc is
// dragged with its champs, folded meanwhile.
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

  const previousOf = (card) => card.previousElementSibling && card.previousElementSibling.dataset.tpsMark;

  function insideOf(card) {
    const inside = [];
    if (!card.classList.contains("tps-champ--bloc")) return inside;
    let next = card.nextElementSibling;
    while (next) {
      inside.push(next);
      if (next.dataset.tpsMark === `fin-${card.dataset.tpsMark}`) break;
      next = next.nextElementSibling;
    }
    return inside;
  }

  const lastOf = ({ card, carried }) => carried[carried.length - 1] || card;

  function place(y) {
    const others = [...list.children].filter((card) => card !== drag.card && !drag.carried.includes(card));
    const next = others.find((card) => {
      const box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if ((next || null) === lastOf(drag).nextElementSibling) return;
    list.insertBefore(drag.card, next || null);
    drag.card.after(...drag.carried);
    list.dispatchEvent(new CustomEvent("tps:ordre"));
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
    const { card, carried, handle, before, next, pointer, frame } = drag;
    window.cancelAnimationFrame(frame);
    if (!isDropped) {
      list.insertBefore(card, next);
      card.after(...carried);
    }
    card.classList.remove("tps-champ--dragged");
    carried.forEach((other) => other.classList.remove("tps-champ--carried"));
    if (handle.hasPointerCapture(pointer)) handle.releasePointerCapture(pointer);
    drag = null;
    list.dispatchEvent(new CustomEvent("tps:ordre"));
    if (isDropped && previousOf(card) !== before) send(card, { apres: previousOf(card) || "" });
  }

  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-tps-drag]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    const card = handle.closest("[data-tps-champ]");
    const carried = insideOf(card);
    drag = {
      card, carried, handle, before: previousOf(card), next: lastOf({ card, carried }).nextElementSibling,
      pointer: event.pointerId, y: event.clientY,
    };
    card.classList.add("tps-champ--dragged");
    carried.forEach((other) => other.classList.add("tps-champ--carried"));
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
