// Sends files as soon as they are chosen or dropped on `[data-tps-upload="<address>"]`, with their
// progress, and removes them (`[data-tps-remove]`) without leaving the page. Without this script
// the same buttons send the whole form.
(() => {
  const form = document.querySelector("form[data-tps-autosave]");
  if (!form) return;

  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    return found ? decodeURIComponent(found.slice(10)) : form.elements.csrfmiddlewaretoken.value;
  }

  function put(html) {
    const parts = new DOMParser().parseFromString(html, "text/html").body.children;
    [...parts].forEach((part) => {
      const place = document.getElementById(part.id);
      if (place) place.replaceChildren(...part.childNodes);
    });
  }

  function fail(champ, text) {
    const place = champ.querySelector(".fr-messages-group");
    const paragraph = document.createElement("p");
    paragraph.className = "fr-error-text";
    paragraph.textContent = text;
    place.replaceChildren(paragraph);
  }

  function failure(request) {
    if (request.status === 413) return "Ce fichier est trop lourd.";
    if (request.status === 403) return "Votre session a pris fin. Reconnectez-vous dans un autre onglet, puis recommencez.";
    return "L’envoi a échoué. Vérifiez votre connexion, puis recommencez.";
  }

  function post(address, data, champ, progress) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-CSRFToken", token());
      request.upload.addEventListener("progress", (event) => {
        if (progress && event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
      });
      request.addEventListener("loadend", () => {
        const answered = request.responseURL && new URL(request.responseURL).pathname;
        const isOurs = answered === new URL(address, window.location).pathname;
        if (isOurs && (request.status === 200 || request.status === 409)) put(request.responseText);
        else fail(champ, failure(isOurs ? request : { status: answered ? 403 : 0 }));
        resolve();
      });
      request.send(data);
    });
  }

  async function upload(zone, files) {
    if (!files.length) return;
    const champ = zone.closest(".tps-champ");
    const progress = zone.querySelector("progress");
    const data = new FormData();
    [...files].forEach((file) => data.append(zone.dataset.tpsUploadName, file));
    progress.hidden = false;
    progress.value = 0;
    await post(zone.dataset.tpsUpload, data, champ, progress);
    progress.hidden = true;
    zone.querySelector("input[type=file]").value = "";
  }

  const prepare = (root) => root.querySelectorAll("[data-tps-upload]").forEach((zone) => {
    zone.querySelector("[data-tps-upload-button]").hidden = true;
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("tps-upload--over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("tps-upload--over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("tps-upload--over");
      upload(zone, event.dataTransfer.files);
    });
  });
  prepare(form);
  form.addEventListener("tps:insere", (event) => prepare(event.target));
  form.addEventListener("change", (event) => {
    const zone = event.target.type === "file" && event.target.closest("[data-tps-upload]");
    if (zone) upload(zone, event.target.files);
  });
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-tps-remove]");
    if (!button) return;
    event.preventDefault();
    const champ = button.closest(".tps-champ");
    await post(button.formAction, new FormData(), champ, null);
    const input = champ.querySelector("input[type=file]");
    if (input) input.focus();
  });
})();
