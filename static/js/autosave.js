// Saves each `[data-tps-champ]` of `<form data-tps-autosave>` by itself as it is filled in, and
// puts the parts that the server answers (elements with an id) in the place of their namesakes.
// What is typed is never touched; what could not be sent is tried again and holds the page back.
(() => {
  const PAUSE_MS = 900;
  const RETRY_MS = 5000;
  const form = document.querySelector("form[data-tps-autosave]");
  if (!form) return;

  const waiting = new Map(); // champ → timer of its next save
  const sending = new Set();
  let isStopped = false;

  const cookie = (name) => {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };
  // The cookie is newer than the page when one signed in again in another window.
  const token = () => cookie("csrftoken") || form.elements.csrfmiddlewaretoken.value;

  function put(html) {
    const parts = new DOMParser().parseFromString(html, "text/html").body.children;
    [...parts].forEach((part) => {
      const place = document.getElementById(part.id);
      if (place) place.replaceChildren(...part.childNodes);
    });
    return parts;
  }

  // What the server hides, once nothing typed is on its way any more.
  function tell(parts) {
    const list = [...parts].find((part) => part.id === "champs-masques");
    if (list) form.dispatchEvent(new CustomEvent("tps:masques", { detail: list.dataset.tpsHidden }));
  }

  function say(champ, text) {
    const place = document.getElementById(`etat-${champ.dataset.tpsChamp}`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  function alertUser(text) {
    const place = document.getElementById("autosave-etat");
    if (place && place.textContent !== text) place.textContent = text;
  }

  function showValidity(champ, hasError) {
    champ.querySelectorAll(".fr-input-group, .fr-select-group, .fr-fieldset, .tps-champ > .fr-checkbox-group")
      .forEach((group) => {
        const name = [...group.classList].find((css) => /^fr-(input-group|select-group|fieldset|checkbox-group)$/.test(css));
        group.classList.toggle(`${name}--error`, hasError);
      });
    champ.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((field) => {
      if (hasError) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
  }

  function dataOf(champ) {
    const data = new FormData();
    champ.querySelectorAll("input, select, textarea").forEach((field) => {
      if (!field.name || field.disabled || field.type === "file") return;
      if ((field.type === "checkbox" || field.type === "radio") && !field.checked) return;
      data.append(field.name, field.value);
    });
    return data;
  }

  async function send(champ) {
    if (sending.has(champ)) {
      plan(champ, PAUSE_MS);
      return;
    }
    waiting.delete(champ);
    sending.add(champ);
    try {
      const response = await fetch(champ.dataset.tpsUrl, {
        method: "POST",
        body: dataOf(champ),
        headers: { "HX-Request": "true", "X-CSRFToken": token() },
        redirect: "manual",
        credentials: "same-origin",
        keepalive: true,
      });
      await answer(champ, response);
    } catch {
      say(champ, "");
      alertUser("La connexion est perdue. Ce que vous saisissez reste ici et sera enregistré dès son retour : ne fermez pas cette page.");
      plan(champ, RETRY_MS);
    } finally {
      sending.delete(champ);
    }
  }

  async function answer(champ, response) {
    if (response.ok) {
      const parts = put(await response.text());
      const state = [...parts].find((part) => part.dataset.tpsBase);
      const base = form.elements[`base_${champ.dataset.tpsChamp}`];
      if (state && base) base.value = state.dataset.tpsBase;
      showValidity(champ, Boolean(champ.querySelector(".fr-error-text")));
      if (!waiting.size) {
        alertUser("");
        tell(parts);
      }
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      alertUser("Votre session a pris fin. Reconnectez-vous dans un autre onglet, puis revenez ici : rien n’est perdu.");
      plan(champ, RETRY_MS);
    } else if (response.status === 409) {
      isStopped = true;
      put(await response.text());
    } else if (response.status === 404) {
      alertUser("Le formulaire a changé depuis l’ouverture de cette page. Rechargez-la pour continuer.");
    } else {
      alertUser("L’enregistrement a échoué ; nous réessayons. Ne fermez pas cette page.");
      plan(champ, RETRY_MS);
    }
  }

  function plan(champ, delay) {
    if (isStopped) return;
    window.clearTimeout(waiting.get(champ));
    waiting.set(champ, window.setTimeout(() => send(champ), delay));
  }

  const champOf = (event) => event.target.closest("[data-tps-champ]");

  form.addEventListener("input", (event) => {
    const champ = champOf(event);
    if (!champ || event.target.type === "file") return;
    say(champ, "");
    plan(champ, PAUSE_MS);
  });
  form.addEventListener("change", (event) => {
    const champ = champOf(event);
    if (champ && event.target.type !== "file") plan(champ, 0);
  });
  form.addEventListener("submit", () => {
    form.elements.csrfmiddlewaretoken.value = token();
    waiting.forEach((timer) => window.clearTimeout(timer));
    waiting.clear(); // the whole form is on its way
  });
  window.addEventListener("online", () => waiting.forEach((_, champ) => plan(champ, 0)));
  window.addEventListener("pagehide", () => waiting.forEach((timer, champ) => {
    window.clearTimeout(timer);
    send(champ);
  }));
  window.addEventListener("beforeunload", (event) => {
    // A save under way is let through (`keepalive`); only what failed holds the page back.
    if (waiting.size && document.getElementById("autosave-etat").textContent) event.preventDefault();
  });
})();
