// Adds, removes, puts back and moves the rows of blocs répétables without leaving the page, so
// that nothing being typed elsewhere is lost. Without this script the buttons send the form.
(() => {
  const form = document.querySelector("form[data-tps-autosave]");
  if (!form) return;

  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    return found ? decodeURIComponent(found.slice(10)) : form.elements.csrfmiddlewaretoken.value;
  }

  async function post(button) {
    const data = new FormData();
    if (button.name) data.append(button.name, button.value);
    const response = await fetch(button.formAction, {
      method: "POST",
      body: data,
      headers: { "HX-Request": "true", "X-CSRFToken": token() },
      redirect: "manual",
      credentials: "same-origin",
    });
    if (response.ok || response.status === 409) return response.text();
    throw new Error(String(response.status));
  }

  function put(html) {
    const parts = [...new DOMParser().parseFromString(html, "text/html").body.children];
    parts.forEach((part) => {
      const place = document.getElementById(part.id);
      if (place) place.replaceChildren(...part.childNodes);
    });
    return parts;
  }

  const linesOf = (bloc) => bloc.querySelector(".tps-bloc__lignes");

  function renumber(bloc) {
    const lines = [...linesOf(bloc).children];
    lines.forEach((line, index) => {
      line.querySelector("[data-tps-ligne-number]").textContent = index + 1;
      line.querySelector("[data-tps-ligne-move=haut]").disabled = index === 0;
      line.querySelector("[data-tps-ligne-move=bas]").disabled = index === lines.length - 1;
    });
    bloc.querySelector("[data-tps-ligne-add]").disabled = lines.length >= Number(bloc.dataset.tpsRowsMax);
  }

  function insert(bloc, parts) {
    const added = parts.find((part) => part.id === "ligne-ajoutee");
    if (!added) return;
    const line = document.adoptNode(added.firstElementChild);
    const list = linesOf(bloc);
    list.insertBefore(line, list.children[Number(added.dataset.tpsPlace)] || null);
    line.dispatchEvent(new CustomEvent("tps:insere", { bubbles: true }));
    const first = line.querySelector("input:not([type=hidden]), select, textarea");
    (first || line).focus();
  }

  function move(line, direction) {
    if (direction === "haut" && line.previousElementSibling) line.previousElementSibling.before(line);
    if (direction === "bas" && line.nextElementSibling) line.nextElementSibling.after(line);
  }

  function change(bloc, button, parts) {
    if ("tpsLigneAdd" in button.dataset || "tpsLigneRestore" in button.dataset) insert(bloc, parts);
    const line = button.closest("[data-tps-ligne]");
    if ("tpsLigneRemove" in button.dataset && bloc.querySelector("[data-tps-ligne-restore]")) {
      line.remove();
      bloc.querySelector("[data-tps-ligne-restore]").focus();
    }
    if (button.dataset.tpsLigneMove) {
      move(line, button.dataset.tpsLigneMove);
      button.focus();
    }
    renumber(bloc);
    if (document.activeElement === document.body) line.focus();
    form.dispatchEvent(new CustomEvent("tps:insere"));
  }

  const ACTIONS = "[data-tps-ligne-add], [data-tps-ligne-remove], [data-tps-ligne-restore], [data-tps-ligne-move]";
  form.addEventListener("click", async (event) => {
    const button = event.target.closest(ACTIONS);
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    const bloc = button.closest("[data-tps-bloc]");
    const alert = document.getElementById("autosave-etat");
    button.setAttribute("aria-disabled", "true");
    try {
      change(bloc, button, put(await post(button)));
      alert.textContent = "";
    } catch {
      alert.textContent = "La ligne n’a pas pu être changée. Vérifiez votre connexion, puis recommencez.";
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  form.querySelectorAll("[data-tps-bloc]").forEach(renumber);
})();
