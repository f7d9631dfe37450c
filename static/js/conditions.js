// Shows and hides each `[data-tps-conditions]` of the form as its rules hold, at once, and after
// each save as the server says. A hidden field keeps what it holds. Rules are read as
// `procedures.conditions` writes them; a kind of answer unknown here waits for the server.
(() => {
  const form = document.querySelector("form[data-tps-autosave], form[data-tps-questionnaire]");
  if (!form) return;
  let byServer = new Set();

  const fold = (text) => text
    .toLowerCase()
    .replaceAll("œ", "oe").replaceAll("æ", "ae").replaceAll("ß", "ss").replaceAll("’", "'")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
  const number = (text) => {
    const written = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".").replace(/€$/, "");
    return written === "" || Number.isNaN(Number(written)) ? null : Number(written);
  };
  const all = (champ) => [...champ.querySelectorAll("input, select, textarea")]
    .filter((field) => field.name === `champ_${champ.dataset.tpsKey}`);
  const typed = (champ) => all(champ).map((field) => field.value).find((value) => value.trim()) || "";
  const chosen = (champ) => all(champ)
    .filter((field) => field.tagName === "SELECT" || field.checked)
    .map((field) => field.value)
    .filter(Boolean);

  // Each kind: how an answer (null: none) and what it is compared with are read.
  const KINDS = {
    text: { read: (champ) => fold(typed(champ)) || null, operand: fold },
    number: { read: (champ) => number(typed(champ)), operand: Number },
    date: { read: (champ) => typed(champ).slice(0, 16) || null, operand: (text) => text.slice(0, 16) },
    choice: { read: (champ) => chosen(champ)[0] || null, operand: (text) => text },
    choices: { read: (champ) => (chosen(champ).length ? chosen(champ) : null), operand: (text) => text },
    oui_non: { read: (champ) => chosen(champ)[0] || null, operand: (text) => text },
    tick: { read: (champ) => (chosen(champ).length ? "oui" : "non"), operand: (text) => text },
    bloc: { read: (champ) => (champ.querySelector("[data-tps-ligne]") ? true : null), operand: (text) => text },
  };
  const OPERATORS = {
    est: (answer, [operand]) => answer === operand,
    n_est_pas: (answer, [operand]) => answer !== operand,
    parmi: (answer, operands) => operands.includes(answer),
    contient: (answer, [operand]) => answer.includes(operand),
    ne_contient_pas: (answer, [operand]) => !answer.includes(operand),
    superieur: (answer, [operand]) => answer > operand,
    apres: (answer, [operand]) => answer > operand,
    au_moins: (answer, [operand]) => answer >= operand,
    inferieur: (answer, [operand]) => answer < operand,
    avant: (answer, [operand]) => answer < operand,
    au_plus: (answer, [operand]) => answer <= operand,
    rempli: () => true,
  };

  function holds(regle, hidden) {
    const champ = document.getElementById(`champ-${regle.champ}`);
    if (!champ) return false;
    const kind = KINDS[champ.dataset.tpsKind];
    const answer = hidden.has(regle.champ) ? null : kind.read(champ);
    if (regle.operator === "vide") return answer === null;
    if (answer === null) return false;
    return OPERATORS[regle.operator](answer, regle.values.map(kind.operand));
  }

  function isKnown(condition) {
    return condition.regles.every((regle) => {
      const champ = document.getElementById(`champ-${regle.champ}`);
      return !champ || champ.dataset.tpsKind in KINDS;
    });
  }

  function isShown(part, hidden) {
    const conditions = JSON.parse(part.dataset.tpsConditions);
    if (!conditions.every(isKnown)) return !byServer.has(part.dataset.tpsKey);
    return conditions.every(({ mode, regles }) => (mode === "toutes"
      ? regles.every((regle) => holds(regle, hidden))
      : regles.some((regle) => holds(regle, hidden))));
  }

  function refresh() {
    const hidden = new Set();
    let came = 0;
    // The form first: its order is that in which rules depend on each other.
    const parts = [...form.querySelectorAll("[data-tps-conditions]")];
    const beside = [...document.querySelectorAll("[data-tps-conditions]")].filter((part) => !form.contains(part));
    [...parts, ...beside].forEach((part) => {
      const shown = isShown(part, hidden);
      if (!shown) hidden.add(part.dataset.tpsKey);
      if (part.hidden && shown && part.matches(".tps-champ")) came += 1;
      part.hidden = !shown;
    });
    return came;
  }

  function refreshAloud() {
    const came = refresh();
    const place = document.getElementById("conditions-etat");
    if (came) place.textContent = came === 1 ? "Une question est apparue." : `${came} questions sont apparues.`;
    else place.textContent = "";
  }

  form.addEventListener("input", refreshAloud);
  form.addEventListener("change", refreshAloud);
  form.addEventListener("tps:insere", refresh);
  form.addEventListener("tps:masques", (event) => {
    byServer = new Set(event.detail.split(" ").filter(Boolean));
    refresh();
  });
  byServer = new Set([...form.querySelectorAll("[data-tps-conditions][hidden]")].map((part) => part.dataset.tpsKey));
  refresh();
})();
