// Sends files as soon as they are chosen or dropped on `[data-tps-upload="<address>"]`, piece by
// piece: each has its progress, can be cancelled, and goes on from where it was after a cut, by
// itself or by « Réessayer ». `[data-tps-remove]` removes a file without leaving the page.
// Without this script the same buttons send the whole form.
(() => {
  const AT_ONCE = 2;
  const PAUSES_MS = [1000, 2000, 4000, 8000, 15000, 30000];
  const STALLED_MS = 60000;
  const form = document.querySelector("form[data-tps-autosave]");
  if (!form) return;

  const queue = [];
  const running = new Set();

  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    return found ? decodeURIComponent(found.slice(10)) : form.elements.csrfmiddlewaretoken.value;
  }

  function announce(text) {
    document.dispatchEvent(new CustomEvent("tps:announce", { detail: text }));
  }

  function put(html) {
    const parts = new DOMParser().parseFromString(html, "text/html").body.children;
    [...parts].forEach((part) => {
      const place = document.getElementById(part.id);
      if (!place) return;
      place.replaceChildren(...part.childNodes);
      window.htmx.process(place);
    });
  }

  // --- One request, whose answer is never an exception: `status` is 0 when none came ------------

  function request(method, address, body, { headers = {}, onProgress = null, envoi = null } = {}) {
    return new Promise((resolve) => {
      const sent = new XMLHttpRequest();
      let stall = 0;
      const watch = () => {
        window.clearTimeout(stall);
        stall = window.setTimeout(() => sent.abort(), STALLED_MS);
      };
      sent.open(method, address);
      sent.setRequestHeader("HX-Request", "true");
      if (method !== "GET") sent.setRequestHeader("X-CSRFToken", token());
      Object.entries(headers).forEach(([name, value]) => sent.setRequestHeader(name, value));
      sent.upload.addEventListener("progress", (event) => {
        watch();
        if (onProgress) onProgress(event.loaded);
      });
      sent.addEventListener("loadend", () => {
        window.clearTimeout(stall);
        if (envoi) envoi.request = null;
        const answered = sent.responseURL && new URL(sent.responseURL).pathname;
        const isOurs = answered === new URL(address, window.location).pathname;
        let data = {};
        try { data = JSON.parse(sent.responseText); } catch { /* a part of the page */ }
        // Led elsewhere: to the sign-in page.
        resolve({ status: answered && !isOurs ? 403 : sent.status, data, html: sent.responseText });
      });
      if (envoi) envoi.request = sent;
      watch();
      sent.send(body);
    });
  }

  // --- What a person sees of one file on its way ------------------------------------------------

  function button(text, name, icon, onClick) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `fr-btn fr-btn--tertiary-no-outline fr-btn--sm ${icon}`;
    made.textContent = text;
    const hidden = document.createElement("span");
    hidden.className = "fr-sr-only";
    hidden.textContent = ` ${name}`;
    made.append(hidden);
    made.addEventListener("click", onClick);
    return made;
  }

  function show(envoi) {
    const { zone, file } = envoi;
    envoi.item = document.createElement("li");
    envoi.item.className = "tps-envoi";
    envoi.name = document.createElement("p");
    envoi.name.className = "tps-envoi__nom";
    envoi.name.textContent = file.name;
    envoi.bar = document.createElement("progress");
    envoi.bar.className = "tps-envoi__barre";
    envoi.bar.max = 100;
    envoi.bar.value = 0;
    envoi.bar.setAttribute("aria-label", `Envoi de ${file.name}`);
    envoi.text = document.createElement("p");
    envoi.text.className = "tps-envoi__etat fr-hint-text";
    envoi.actions = document.createElement("div");
    envoi.retry = button("Réessayer", file.name, "", () => resume(envoi));
    envoi.cancel = button("Annuler", file.name, "fr-btn--icon-left fr-icon-close-line", () => cancel(envoi));
    envoi.retry.hidden = true;
    envoi.actions.append(envoi.retry, envoi.cancel);
    envoi.item.append(envoi.name, envoi.bar, envoi.text, envoi.actions);
    const list = zone.querySelector("[data-tps-upload-list]");
    list.append(envoi.item);
    list.hidden = false;
    say(envoi, "En attente");
  }

  function say(envoi, text, { isError = false, isTold = false } = {}) {
    if (envoi.text.textContent !== text) envoi.text.textContent = text;
    envoi.text.classList.toggle("fr-error-text", isError);
    envoi.text.classList.toggle("fr-hint-text", !isError);
    if (isTold) announce(`${envoi.file.name} : ${text}`);
  }

  function progress(envoi, sent) {
    const percent = envoi.file.size ? Math.floor((100 * sent) / envoi.file.size) : 0;
    envoi.bar.value = percent;
    say(envoi, `Envoi en cours : ${percent} %`);
  }

  function hide(envoi) {
    const hadFocus = envoi.item.contains(document.activeElement);
    const list = envoi.item.parentElement;
    envoi.item.remove();
    list.hidden = !list.children.length;
    const input = envoi.zone.querySelector("input[type=file]");
    if (hadFocus && input) input.focus();
  }

  // --- The life of one file ---------------------------------------------------------------------

  // Refused for good: the reason stays on the page until the person puts it away.
  function refuse(envoi, reason) {
    envoi.state = "refused";
    envoi.name.hidden = true; // the reason names it
    envoi.bar.hidden = true;
    envoi.retry.hidden = true;
    envoi.cancel.firstChild.textContent = "Fermer";
    const text = `« ${envoi.file.name} » : ${reason}`;
    say(envoi, text, { isError: true });
    announce(text);
  }

  function stop(envoi, text) {
    envoi.state = "stopped";
    envoi.retry.hidden = false;
    say(envoi, text, { isError: true, isTold: true });
  }

  function resume(envoi) {
    if (envoi.state !== "stopped" && envoi.state !== "pausing") return;
    const hadFocus = document.activeElement === envoi.retry;
    window.clearTimeout(envoi.timer);
    envoi.tries = 0;
    envoi.retry.hidden = true;
    if (hadFocus) envoi.cancel.focus();
    enter(envoi);
  }

  // Tries again by itself, later and later; then waits for the person, or for the network.
  function pause(envoi, answer) {
    if (answer.status === 403) {
      stop(envoi, "Votre session a pris fin. Reconnectez-vous dans un autre onglet, puis réessayez.");
      return;
    }
    const reason = answer.data.error || "L’envoi est interrompu.";
    if (envoi.tries >= PAUSES_MS.length) {
      stop(envoi, `${reason} Rien de ce qui est passé n’est perdu : réessayez quand la connexion est revenue.`);
      return;
    }
    const wait = PAUSES_MS[envoi.tries];
    envoi.tries += 1;
    envoi.state = "pausing";
    envoi.retry.hidden = false;
    say(envoi, `${reason} Nouvel essai dans quelques secondes…`, { isError: true, isTold: envoi.tries === 1 });
    envoi.timer = window.setTimeout(() => {
      envoi.retry.hidden = true;
      enter(envoi);
    }, wait);
  }

  async function cancel(envoi) {
    const { cancelUrl } = envoi;
    const isKept = cancelUrl && envoi.state !== "refused";
    envoi.state = "cancelled";
    window.clearTimeout(envoi.timer);
    const index = queue.indexOf(envoi);
    if (index >= 0) queue.splice(index, 1);
    if (envoi.request) envoi.request.abort();
    hide(envoi);
    if (isKept) {
      announce(`Envoi de ${envoi.file.name} annulé`);
      await request("POST", cancelUrl, null);
    }
  }

  function enter(envoi) {
    envoi.state = "waiting";
    queue.push(envoi);
    next();
  }

  function next() {
    while (running.size < AT_ONCE && queue.length) {
      const envoi = queue.shift();
      running.add(envoi);
      envoi.state = "sending";
      send(envoi).finally(() => {
        running.delete(envoi);
        next();
      });
    }
  }

  // Each step says whether the next one may follow; what failed has said so on the page.
  async function send(envoi) {
    if (!envoi.url && !(await create(envoi))) return;
    if (envoi.isToLocate && !(await locate(envoi))) return;
    while (envoi.offset < envoi.file.size) {
      if (!(await sendPiece(envoi))) return;
    }
    await finish(envoi);
  }

  function failed(envoi, answer) {
    if (envoi.state === "cancelled") return false;
    const isRefused = answer.status >= 400 && answer.status < 500 && ![403, 404, 408, 429].includes(answer.status);
    if (answer.status === 404 && envoi.url) {
      envoi.url = ""; // swept meanwhile: from the beginning
      pause(envoi, answer);
    } else if (answer.status === 404) {
      refuse(envoi, "Le formulaire a changé depuis l’ouverture de cette page. Rechargez-la pour continuer.");
    } else if (isRefused) {
      refuse(envoi, answer.data.error || "Ce fichier n’a pas pu être envoyé.");
    } else {
      envoi.isToLocate = true;
      pause(envoi, answer);
    }
    return false;
  }

  async function create(envoi) {
    const { file, zone } = envoi;
    if (!file.size) return refuse(envoi, "Ce fichier est vide. Choisissez-en un autre.");
    const data = new FormData();
    data.append("name", file.name);
    data.append("size", file.size);
    data.append("modified", file.lastModified || 0);
    const answer = await request("POST", zone.dataset.tpsUpload, data, { envoi });
    if (answer.status !== 201) return failed(envoi, answer);
    envoi.url = answer.data.url;
    envoi.stateUrl = answer.data.state_url;
    envoi.finishUrl = answer.data.finish_url;
    envoi.cancelUrl = answer.data.cancel_url;
    envoi.chunk = answer.data.chunk;
    envoi.offset = answer.data.offset;
    if (envoi.state === "cancelled") {
      await request("POST", envoi.cancelUrl, null);
      return false;
    }
    progress(envoi, envoi.offset);
    return true;
  }

  async function locate(envoi) {
    const answer = await request("GET", envoi.stateUrl, null, { envoi });
    if (answer.status !== 200) return failed(envoi, answer);
    envoi.isToLocate = false;
    envoi.offset = answer.data.offset;
    progress(envoi, envoi.offset);
    return true;
  }

  async function sendPiece(envoi) {
    const { file, offset, chunk } = envoi;
    const answer = await request("POST", envoi.url, file.slice(offset, offset + chunk), {
      envoi,
      headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) },
      onProgress: (sent) => progress(envoi, offset + sent),
    });
    if (envoi.state === "cancelled") return false;
    if ((answer.status !== 200 && answer.status !== 409) || answer.data.offset === undefined) {
      return failed(envoi, answer);
    }
    if (answer.data.offset > offset) envoi.tries = 0;
    envoi.offset = answer.data.offset;
    return true;
  }

  async function finish(envoi) {
    say(envoi, "Vérification du fichier…");
    const answer = await request("POST", envoi.finishUrl, null, { envoi });
    if (envoi.state === "cancelled") return;
    if (answer.status === 409 && answer.data.offset !== undefined) {
      envoi.offset = answer.data.offset;
      pause(envoi, { status: 0, data: {} });
    } else if (answer.status === 200) {
      envoi.state = "done";
      hide(envoi);
      put(answer.html);
    } else {
      failed(envoi, answer);
    }
  }

  function add(zone, files) {
    // What was refused before is forgotten once another file is tried.
    zone.querySelectorAll(".tps-envoi").forEach((item) => {
      if (item.querySelector("progress").hidden) item.remove();
    });
    [...files].forEach((file) => {
      const envoi = { zone, file, tries: 0, state: "waiting", url: "", offset: 0, isToLocate: false };
      show(envoi);
      all.add(envoi);
      enter(envoi);
    });
    zone.querySelector("input[type=file]").value = "";
  }

  const all = new Set();
  const isUnfinished = (envoi) => !["done", "refused", "cancelled"].includes(envoi.state);

  window.addEventListener("online", () => all.forEach(resume));
  window.addEventListener("beforeunload", (event) => {
    if ([...all].some(isUnfinished)) event.preventDefault();
  });

  // --- Choosing, dropping, removing -------------------------------------------------------------

  const prepare = (root) => root.querySelectorAll("[data-tps-upload]").forEach((zone) => {
    zone.querySelector("[data-tps-upload-button]").hidden = true;
    zone.querySelector("[data-tps-upload-drop]").hidden = false;
  });
  prepare(form);
  form.addEventListener("tps:insere", (event) => prepare(event.target));

  // A file dropped beside a frame would be opened by the browser in place of the form.
  const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const zoneOf = (event) => event.target.closest && event.target.closest("[data-tps-upload]");
  const light = (lit) => form.querySelectorAll("[data-tps-upload]").forEach((zone) => {
    zone.classList.toggle("tps-upload--over", zone === lit);
  });
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const zone = zoneOf(event);
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    light(zone);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) light(null); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    light(null);
    const zone = zoneOf(event);
    if (zone) add(zone, event.dataTransfer.files);
  });

  form.addEventListener("change", (event) => {
    const zone = event.target.type === "file" && zoneOf(event);
    if (zone && event.target.files.length) add(zone, event.target.files);
  });

  form.addEventListener("click", async (event) => {
    const pressed = event.target.closest("[data-tps-remove]");
    if (!pressed) return;
    event.preventDefault();
    const champ = pressed.closest(".tps-champ");
    const answer = await request("POST", pressed.formAction, new FormData());
    if (answer.status === 200 || answer.status === 409) put(answer.html);
    else {
      const paragraph = document.createElement("p");
      paragraph.className = "fr-error-text";
      paragraph.textContent = answer.status === 403
        ? "Votre session a pris fin. Reconnectez-vous dans un autre onglet, puis recommencez."
        : "Le fichier n’a pas pu être retiré. Vérifiez votre connexion, puis recommencez.";
      champ.querySelector(".fr-messages-group").replaceChildren(paragraph);
    }
    const input = champ.querySelector("input[type=file]");
    if (input) input.focus();
  });
})();
