// Puts the cards in the order that the server says, `[data-tps-order]` of the state of the form:
// one that left it goes, one that this page never received asks for the whole page again. Shows
// which cards stand in a bloc, while one is dragged too (`tps:ordre` on the list).
(() => {
  const list = document.querySelector("[data-tps-champs]");
  if (!list) return;

  function indent() {
    let bloc = null;
    [...list.children].forEach((card) => {
      const mark = card.dataset.tpsMark;
      if (mark === `fin-${bloc}`) bloc = null;
      card.classList.toggle("tps-champ--inside", bloc !== null);
      if (card.classList.contains("tps-champ--bloc")) bloc = mark;
    });
  }

  function arrange() {
    const order = document.getElementById("etat").dataset.tpsOrder.split(" ").filter(Boolean);
    const wanted = new Set(order);
    [...list.children].forEach((card) => { if (!wanted.has(card.dataset.tpsMark)) card.remove(); });
    const cards = new Map([...list.children].map((card) => [card.dataset.tpsMark, card]));
    if (order.some((mark) => !cards.has(mark))) {
      window.location.reload();
      return;
    }
    const focused = document.activeElement;
    let next = list.firstElementChild;
    order.forEach((mark) => {
      const card = cards.get(mark);
      if (card === next) next = next.nextElementSibling;
      else list.insertBefore(card, next);
    });
    // A card that is moved loses the focus it holds.
    if (focused && focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
    indent();
  }

  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.target.id === "etat") arrange();
  });
  list.addEventListener("tps:ordre", indent);
})();
