// Saves each `[data-tps-champ]` of `<form data-tps-autosave>` by itself as it is filled in, and
// puts the parts that the server answers (elements with an id) in the place of their namesakes.
// What is typed is never touched. What could not be sent is said, kept in this window (even
// through a reload or a sign-in), tried again, and holds the page back until it is saved.
(() => {
  const PAUSE_MS = 900;
  const RETRY_MS = [2000, 5000, 10000, 20000];
  const FLUSH_MS = 3000;
  const form = document.querySelector("form[data-tps-autosave]");
  if (!form) return;

  const waiting = new Map(); // champ → timer of its next save
  const sending = new Map(); // champ → promise of the save on its way
  const typed = new Map(); // champ → how many times it was changed since it was saved
  let failures = 0;
  let isStopped = false;
  let isSubmitted = false;

  const cookie = (name) => {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };
  // The cookie is newer than the page when one signed in again in another window.
  const token = () => cookie("csrftoken") || form.elements.csrfmiddlewaretoken.value;
  const champOf = (event) => event.target.closest("[data-tps-champ]");
  const fieldsOf = (champ) => [...champ.querySelectorAll("input, select, textarea")]
    .filter((field) => field.name && !field.disabled && field.type !== "file");
  const isUnsaved = () => !isStopped && typed.size > 0;

  // --- What is not saved yet, kept for this window ------------------------------------------

  const KEY = `tps:saisie:${form.dataset.tpsUser || ""}:${form.getAttribute("action")}`;
  const store = {
    read() {
      try { return JSON.parse(window.sessionStorage.getItem(KEY)) || {}; } catch { return {}; }
    },
    write(kept) {
      try {
        if (Object.keys(kept.champs || {}).length) window.sessionStorage.setItem(KEY, JSON.stringify(kept));
        else window.sessionStorage.removeItem(KEY);
      } catch { /* full, or refused by the browser: the page itself still holds it */ }
    },
  };

  function keep(champ) {
    const kept = store.read();
    const page = form.elements.page;
    kept.page = page ? page.value : "";
    kept.champs = kept.champs || {};
    kept.champs[champ.dataset.tpsChamp] = [...dataOf(champ).entries()];
    store.write(kept);
  }

  function forget(champ) {
    const kept = store.read();
    if (!kept.champs || !(champ.dataset.tpsChamp in kept.champs)) return;
    delete kept.champs[champ.dataset.tpsChamp];
    store.write(kept);
  }

  function fill(champ, entries) {
    const values = new Map();
    entries.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    fieldsOf(champ).forEach((field) => {
      const given = values.get(field.name) || [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
      else if (field.tagName === "SELECT" && field.multiple) {
        [...field.options].forEach((option) => { option.selected = given.includes(option.value); });
      } else if (given.length) field.value = given.shift();
    });
  }

  function restore() {
    const kept = store.read();
    const ids = Object.keys(kept.champs || {});
    let count = 0;
    ids.forEach((id) => {
      const champ = document.getElementById(`champ-${id}`);
      if (!champ || champ.dataset.tpsChamp !== id) return;
      fill(champ, kept.champs[id]);
      count += 1;
      change(champ, 0);
    });
    // Its former saves may have arrived without an answer: the server knows them by this name.
    if (count && form.elements.page && kept.page) form.elements.page.value = kept.page;
    if (!count) return;
    form.dispatchEvent(new Event("change"));
    alertUser(count === 1
      ? "Une réponse qui n’avait pas pu être enregistrée a été retrouvée : elle est en cours d’enregistrement."
      : `${count} réponses qui n’avaient pas pu être enregistrées ont été retrouvées : elles sont en cours d’enregistrement.`);
  }

  // --- What the page says --------------------------------------------------------------------

  function put(html) {
    const parts = [...new DOMParser().parseFromString(html, "text/html").body.children];
    parts.forEach((part) => {
      const place = document.getElementById(part.id);
      if (place) place.replaceChildren(...part.childNodes);
    });
    return parts;
  }

  // What the server hides, once nothing typed is on its way any more.
  function tell(parts) {
    const list = parts.find((part) => part.id === "champs-masques");
    if (list) form.dispatchEvent(new CustomEvent("tps:masques", { detail: list.dataset.tpsHidden }));
  }

  function say(champ, text) {
    const place = document.getElementById(`etat-${champ.dataset.tpsChamp}`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  function sayPending(champ) {
    const place = document.getElementById(`etat-${champ.dataset.tpsChamp}`);
    if (!place || place.querySelector(".tps-saved__pending")) return;
    const pending = document.createElement("span");
    pending.className = "tps-saved__pending";
    pending.textContent = "Pas encore enregistré";
    place.replaceChildren(pending);
  }

  function alertUser(text, link) {
    const place = document.getElementById("autosave-etat");
    if (!place || place.textContent === (link ? `${text} ${link.textContent}` : text)) return;
    place.textContent = text;
    if (link) place.append(" ", link);
  }

  function signInLink() {
    const login = document.querySelector("meta[name=tps-login]");
    if (!login) return null;
    const link = document.createElement("a");
    link.href = `${login.content}?next=${encodeURIComponent(window.location.pathname)}`;
    link.textContent = "Se reconnecter";
    return link;
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

  // --- Saving --------------------------------------------------------------------------------

  function dataOf(champ) {
    const data = new FormData();
    if (form.elements.page) data.append("page", form.elements.page.value);
    fieldsOf(champ).forEach((field) => {
      if ((field.type === "checkbox" || field.type === "radio") && !field.checked) return;
      if (field.tagName === "SELECT" && field.multiple) {
        [...field.selectedOptions].forEach((option) => data.append(field.name, option.value));
      } else data.append(field.name, field.value);
    });
    return data;
  }

  // The page is taking the other answer: what it still shows of mine is not to be sent.
  const isGivenUp = (champ) => Boolean(champ.querySelector("[data-tps-conflict] input[value=reprendre]:checked"));

  function send(champ) {
    if (isGivenUp(champ)) return Promise.resolve();
    if (!champ.isConnected) {
      waiting.delete(champ);
      typed.delete(champ);
      return Promise.resolve();
    }
    if (sending.has(champ)) {
      plan(champ, PAUSE_MS);
      return sending.get(champ);
    }
    window.clearTimeout(waiting.get(champ));
    waiting.delete(champ);
    const promise = post(champ).finally(() => sending.delete(champ));
    sending.set(champ, promise);
    return promise;
  }

  async function post(champ) {
    const changes = typed.get(champ) || 0;
    try {
      const response = await fetch(champ.dataset.tpsUrl, {
        method: "POST",
        body: dataOf(champ),
        headers: { "HX-Request": "true", "X-CSRFToken": token() },
        redirect: "manual",
        credentials: "same-origin",
        keepalive: true,
      });
      await answer(champ, response, changes);
    } catch {
      fail(champ, "La connexion est perdue. Ce que vous saisissez reste ici et sera enregistré dès son retour : ne fermez pas cette page.");
    }
  }

  function fail(champ, text, link) {
    sayPending(champ);
    alertUser(text, link);
    plan(champ, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  async function answer(champ, response, changes) {
    if (response.ok) taken(champ, put(await response.text()), changes);
    else if (response.type === "opaqueredirect" || response.status === 403) {
      fail(champ, "Votre session a pris fin. Reconnectez-vous, ici ou dans un autre onglet : rien n’est perdu.", signInLink());
    } else if (response.status === 409) {
      put(await response.text());
      refused(champ, changes);
    } else if (response.status === 404) {
      alertUser("Le formulaire a changé depuis l’ouverture de cette page. Rechargez-la pour continuer.");
    } else fail(champ, "L’enregistrement a échoué ; nous réessayons. Ne fermez pas cette page.");
  }

  function taken(champ, parts, changes) {
    const state = parts.find((part) => part.dataset.tpsBase);
    const base = form.elements[`base_${champ.dataset.tpsChamp}`];
    if (state && base) base.value = state.dataset.tpsBase;
    showValidity(champ, Boolean(champ.querySelector(".fr-error-text")));
    if (typed.get(champ) === changes || !typed.has(champ)) {
      typed.delete(champ);
      forget(champ);
    } else keep(champ);
    if (!typed.size) {
      failures = 0;
      alertUser("");
    }
    if (!waiting.size) tell(parts);
  }

  // Somebody else answered meanwhile: the person chooses. Or the dossier no longer changes.
  function refused(champ, changes) {
    if (!champ.querySelector("[data-tps-conflict]")) {
      isStopped = true;
      say(champ, "");
      return;
    }
    if (typed.get(champ) === changes) window.clearTimeout(waiting.get(champ));
    alertUser("");
    document.dispatchEvent(new CustomEvent("tps:announce", {
      detail: "Cette réponse a changé entre-temps : choisissez laquelle garder.",
    }));
  }

  // The page takes the answer of the other one: nothing is to be saved.
  async function take(champ) {
    const response = await fetch(champ.dataset.tpsUrl, {
      headers: { "HX-Request": "true" }, redirect: "manual", credentials: "same-origin",
    }).catch(() => null);
    if (!response || response.type === "opaqueredirect" || response.status >= 500) {
      alertUser("L’autre réponse n’a pas pu être reprise. Vérifiez votre connexion, puis recommencez.");
      champ.querySelectorAll("[data-tps-conflict] input").forEach((choice) => { choice.checked = false; });
      return;
    }
    window.clearTimeout(waiting.get(champ));
    waiting.delete(champ);
    typed.delete(champ);
    forget(champ);
    if (response.ok) form.dispatchEvent(new CustomEvent("tps:remplace", { detail: await response.text() }));
    else window.location.reload();
  }

  function change(champ, delay) {
    typed.set(champ, (typed.get(champ) || 0) + 1);
    keep(champ);
    plan(champ, delay);
  }

  function plan(champ, delay) {
    if (isStopped) return;
    window.clearTimeout(waiting.get(champ));
    waiting.set(champ, window.setTimeout(() => send(champ), delay));
  }

  const isConflictChoice = (field) => field.matches("[data-tps-conflict] input");

  form.addEventListener("input", (event) => {
    const champ = champOf(event);
    if (!champ || event.target.type === "file" || isConflictChoice(event.target)) return;
    say(champ, "");
    change(champ, PAUSE_MS);
  });
  form.addEventListener("change", (event) => {
    const champ = champOf(event);
    if (!champ || event.target.type === "file") return;
    if (isConflictChoice(event.target) && event.target.value === "reprendre") take(champ);
    else if (isConflictChoice(event.target) || !typed.has(champ)) change(champ, 0);
    else plan(champ, 0);
  });

  // --- Leaving -------------------------------------------------------------------------------

  form.addEventListener("submit", () => {
    form.elements.csrfmiddlewaretoken.value = token();
    isSubmitted = true; // the whole form is on its way
    waiting.forEach((timer) => window.clearTimeout(timer));
    waiting.clear();
    store.write({});
  });
  function flush() {
    const saves = [...typed.keys()].map((champ) => send(champ));
    const pause = new Promise((resolve) => { window.setTimeout(resolve, FLUSH_MS); });
    return Promise.race([Promise.all(saves), pause]);
  }
  // Following a link waits for the save under way.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented || !isUnsaved() || failures) return;
    const there = new URL(link.href, window.location);
    const isHere = there.origin !== window.location.origin || link.target || link.hasAttribute("download")
      || (there.pathname === window.location.pathname && there.hash);
    if (isHere) return;
    event.preventDefault();
    flush().then(() => window.location.assign(link.href));
  });
  window.addEventListener("online", () => {
    failures = 0;
    waiting.forEach((_, champ) => plan(champ, 0));
  });
  window.addEventListener("pagehide", () => {
    if (!isSubmitted) [...typed.keys()].forEach((champ) => send(champ));
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSubmitted && isUnsaved()) event.preventDefault();
  });
  // Coming back by the back button finds the page as it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted) isSubmitted = false; });

  form.tpsIsUnsaved = (champ) => typed.has(champ) || sending.has(champ);
  restore();
})();
