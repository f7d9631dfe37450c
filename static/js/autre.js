// Shows the text of `[data-tps-autre="<name of the choice>"]` only while « Autre » is chosen, and
// lets it be typed before anything is saved.
(() => {
  const AUTRE = "Autre";

  document.querySelectorAll("[data-tps-autre]").forEach((group) => {
    const choice = group.parentElement.closest("[id^=div_]");
    const text = group.querySelector("input");
    const controls = [...choice.querySelectorAll(`[name="${group.dataset.tpsAutre}"]`)];
    if (choice.closest("[inert]")) return;

    const isChosen = () => controls.some((control) => control.value === AUTRE && (control.tagName === "SELECT" || control.checked));

    function show() {
      group.hidden = !isChosen();
      text.disabled = group.hidden;
    }

    function follow(event) {
      if (!controls.includes(event.target)) return;
      show();
      if (event.target.value === AUTRE && isChosen() && !text.value.trim()) event.stopPropagation();
    }

    choice.addEventListener("input", follow);
    choice.addEventListener("change", follow);
    show();
  });
})();
