// Sends Django's CSRF token with every htmx request that changes something.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "get") return;
  const form = event.target.closest("form");
  const field = form && form.querySelector("input[name=csrfmiddlewaretoken]");
  const meta = document.querySelector("meta[name=csrf-token]");
  const token = field ? field.value : meta && meta.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
