// Opens a decision in the `<dialog id="decision">` of the dossier's page once htmx has brought it.
// Without this script, or when htmx cannot, `[data-tps-decision]` is a link to a page that does the same.
(() => {
  const dialog = document.getElementById("decision");
  if (!dialog || !dialog.showModal) return;
  let opener = null;

  // Opened again, the same decision is as it was left: what was typed stays.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.detail.elt;
    if (!link.matches("[data-tps-decision]")) return;
    const isSame = opener === link && dialog.querySelector("form");
    opener = link;
    if (!isSame) return;
    event.preventDefault();
    dialog.showModal();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "decision-contenu" && !dialog.open) dialog.showModal();
  });

  ["htmx:responseError", "htmx:sendError"].forEach((name) => {
    document.addEventListener(name, (event) => {
      const link = event.detail.elt;
      if (link.matches("[data-tps-decision]")) window.location.assign(link.href);
    });
  });

  dialog.addEventListener("close", () => { if (opener) opener.focus(); });
})();
