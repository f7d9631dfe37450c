// Turns `<select data-tps-combobox>` into a field in which one types to find an option (ARIA
// pattern « combobox with list autocomplete »). The select stays, hidden: it holds what is sent.
(() => {
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/’/g, "'").toLowerCase().trim();

  function build(select) {
    const id = select.id;
    const label = document.querySelector(`label[for="${id}"]`);
    const make = (tag, attributes) => {
      const element = document.createElement(tag);
      Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
      return element;
    };
    const input = make("input", {
      type: "text", class: "fr-input", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}_liste`,
      placeholder: "Écrivez pour chercher",
    });
    ["aria-describedby", "aria-invalid"].forEach((name) => {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    const list = make("ul", { role: "listbox", id: `${id}_liste`, class: "tps-combobox__list" });
    if (label) list.setAttribute("aria-label", label.textContent.trim());
    list.hidden = true;
    const status = make("p", { class: "fr-sr-only", role: "status" });
    const box = make("div", { class: "tps-combobox" });
    box.append(input, list, status);
    select.removeAttribute("id");
    input.id = id;
    select.hidden = true;
    select.after(box);
    return { input, list, status, box };
  }

  function enhance(select) {
    const { input, list, status, box } = build(select);
    const options = [...select.options].filter((option) => option.value);
    const items = options.map((option, rank) => {
      const item = document.createElement("li");
      item.id = `${input.id}_option_${rank}`;
      item.setAttribute("role", "option");
      item.textContent = option.text;
      return { item, value: option.value, text: option.text, folded: fold(option.text) };
    });
    list.append(...items.map(({ item }) => item));
    let active = null;
    let timer;

    const found = () => items.filter(({ item }) => !item.hidden);
    const label = () => (select.value ? select.selectedOptions[0].text : "");

    function say(text) {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => { status.textContent = text; }, 400);
    }

    function activate(next) {
      if (active) active.item.setAttribute("aria-selected", "false");
      active = next || null;
      if (!active) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      active.item.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", active.item.id);
      active.item.scrollIntoView({ block: "nearest" });
    }

    function filter(text) {
      const words = fold(text).split(/\s+/);
      items.forEach((each) => { each.item.hidden = !words.every((word) => each.folded.includes(word)); });
      activate(null);
      const count = found().length;
      say(count ? `${count} réponse${count > 1 ? "s" : ""} dans la liste` : "Aucune réponse ne correspond");
    }

    function open(text) {
      filter(text);
      list.hidden = !found().length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const chosen = found().find(({ value }) => value === select.value);
      if (chosen) chosen.item.scrollIntoView({ block: "nearest" });
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      activate(null);
    }

    function choose(value) {
      const isNew = select.value !== value;
      select.value = value;
      input.value = label();
      close();
      say(value ? `${label()} : choisi` : "");
      if (isNew) select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    // What is left in the field without being chosen: an option when it can be no other.
    function settle() {
      close();
      const text = fold(input.value);
      if (text === fold(label())) input.value = label();
      else if (!text) choose("");
      else {
        const exact = items.find(({ folded }) => folded === text);
        const only = found().length === 1 ? found()[0] : null;
        if (exact || only) choose((exact || only).value);
        else {
          input.value = label();
          say(select.value ? `Réponse conservée : ${label()}` : "Aucune réponse choisie : choisissez dans la liste.");
        }
      }
    }

    function step(by) {
      const shown = found();
      if (!shown.length) return;
      const rank = shown.indexOf(active);
      const next = rank === -1 ? (by > 0 ? 0 : shown.length - 1) : (rank + by + shown.length) % shown.length;
      activate(shown[next]);
    }

    input.addEventListener("input", (event) => {
      event.stopPropagation(); // nothing is answered yet
      open(input.value);
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("focus", () => input.select()); // typing begins a new search
    input.addEventListener("click", () => { if (list.hidden) open(""); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (active) choose(active.value);
        else settle();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        input.value = label();
        close();
      }
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays
    list.addEventListener("click", (event) => {
      const picked = items.find(({ item }) => item === event.target);
      if (picked) choose(picked.value);
    });
    box.addEventListener("focusout", settle);
    input.value = label();
  }

  document.querySelectorAll("select[data-tps-combobox]").forEach((select) => {
    if (!select.closest("[inert]")) enhance(select);
  });
})();
