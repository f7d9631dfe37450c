// `<form data-tps-submit-once>` is sent once, whatever the number of clicks; the server checks too.
(() => {
  const SENT = "tpsSent";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-tps-submit-once]") || event.defaultPrevented) return;
    if (event.submitter && event.submitter.formTarget === "_blank") return; // this page stays
    if (form.dataset[SENT]) {
      event.preventDefault();
      return;
    }
    form.dataset[SENT] = "1";
    // Not `disabled`: the name and value of the button pressed must be sent.
    form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  // The page comes back as it was left when one goes back.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-tps-submit-once]").forEach((form) => {
      delete form.dataset[SENT];
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });
})();
