// Keys of a page: a letter alone presses the first visible `[aria-keyshortcuts="letter"]`; `?` opens
// `<dialog id="raccourcis">`, where they can be switched off. Off while typing and in a dialog.
// Ctrl + Enter in the dialog of a decision takes it.
(() => {
  const OFF = "tps-raccourcis-inactifs";
  const EDITABLE = "input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=menu]";
  const help = document.getElementById("raccourcis");

  function isOff() {
    try {
      return window.localStorage.getItem(OFF) === "1";
    } catch { // storage is refused
      return false;
    }
  }

  function press(key) {
    const found = [...document.querySelectorAll("[aria-keyshortcuts]")].find(
      (it) => it.getAttribute("aria-keyshortcuts").split(" ").includes(key) && it.checkVisibility(),
    );
    if (found) found.click();
    return Boolean(found);
  }

  function decide(event) {
    const form = event.target.closest("#decision form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      decide(event);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(EDITABLE) || document.querySelector("dialog[open], .fr-modal--opened")) return;
    if (event.key === "?" && help && help.showModal) {
      event.preventDefault();
      help.showModal();
    } else if (!isOff() && event.key.length === 1 && /[a-z]/.test(event.key) && press(event.key)) {
      event.preventDefault();
    }
  });

  const active = help && help.querySelector("[data-tps-raccourcis-actifs]");
  if (!active) return;
  active.checked = !isOff();
  active.addEventListener("change", () => {
    try {
      window.localStorage.setItem(OFF, active.checked ? "0" : "1");
    } catch { // storage is refused: the choice lasts as long as nothing
      active.checked = true;
    }
  });
})();
