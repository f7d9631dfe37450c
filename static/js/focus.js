// Puts the focus where the answer is: the error summary, else the messages, else where the page says.
(() => {
  const SUMMARY = "[data-tps-error-summary]";

  function focus(root) {
    const place = root.querySelector(SUMMARY) || root.querySelector("[data-tps-focus]");
    if (!place) return;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  }

  function onLoad() {
    const summary = document.querySelector(SUMMARY);
    if (summary && !document.title.startsWith("Erreur")) document.title = `Erreur : ${document.title}`;
    if (summary || !(window.location.hash || document.querySelector("[autofocus]"))) focus(document);
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.querySelector) focus(event.detail.elt);
  });
  // The links of the summary go to the field itself, not only to its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(`${SUMMARY} a[href^="#"]`);
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", onLoad);
  else onLoad();
})();
