// Opens `<dialog class="tps-dialog" id="x">` from `[data-tps-dialog-open="x"]`, which without this
// script stays what its markup says (a link to a page of confirmation, a button that submits).
// `[data-tps-dialog-close]` inside closes it; focus goes back to where it was opened.
(() => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-tps-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.tpsDialogOpen);
      if (!dialog || !dialog.showModal) return;
      event.preventDefault();
      dialog.showModal();
      dialog.addEventListener("close", () => opener.focus(), { once: true });
      return;
    }
    const closer = event.target.closest("[data-tps-dialog-close]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog").close();
    } else if (event.target.matches("dialog.tps-dialog")) {
      event.target.close(); // a click beside the content lands on the dialog itself
    }
  });
})();
