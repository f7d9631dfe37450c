// Makes each `<input data-tps-suggestions="<address>">` an editable combobox: what the server
// suggests for the text can be chosen by mouse or keyboard; any other text stays as it is typed.
// The token of the chosen suggestion goes into the hidden `<name>_jeton` beside the input.
(() => {
  const PAUSE_MS = 250;
  const LENGTH_MIN = 2;
  const ready = new WeakSet();
  let count = 0;

  function element(tag, attributes, text = "") {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.textContent = text;
    return made;
  }

  function setUp(input) {
    if (ready.has(input)) return;
    ready.add(input);
    count += 1;
    const id = `suggestions-${count}`;
    const jeton = input.parentElement.querySelector("input[type=hidden]");
    const list = element("ul", { id, class: "tps-suggestions__list", role: "listbox", "aria-label": "Suggestions", hidden: "" });
    const state = element("p", { class: "fr-hint-text tps-suggestions__state", "aria-live": "polite" });
    input.after(list);
    input.parentElement.append(state);
    Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off",
    }).forEach(([name, value]) => input.setAttribute(name, value));

    let timer;
    let request;
    let active = -1;
    let options = [];

    function activate(rank) {
      active = rank;
      options.forEach(({ item }, at) => item.setAttribute("aria-selected", String(at === rank)));
      if (rank < 0) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      input.setAttribute("aria-activedescendant", options[rank].item.id);
      options[rank].item.scrollIntoView({ block: "nearest" });
    }

    function close() {
      window.clearTimeout(timer);
      request?.abort();
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      activate(-1);
    }

    function choose(option) {
      input.value = option.label;
      jeton.value = option.jeton;
      close();
      state.textContent = "";
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function show(suggestions) {
      options = suggestions.map((suggestion, at) => {
        const item = element("li", { id: `${id}-${at}`, role: "option", "aria-selected": "false" }, suggestion.label);
        return { ...suggestion, item };
      });
      list.replaceChildren(...options.map(({ item }) => item));
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(options.length > 0));
      activate(-1);
    }

    async function search() {
      const text = input.value.trim();
      request?.abort();
      request = new AbortController();
      let answer = { disponible: false, suggestions: [] };
      try {
        const url = `${input.dataset.tpsSuggestions}?${new URLSearchParams({ q: text })}`;
        const response = await fetch(url, { signal: request.signal, redirect: "manual", credentials: "same-origin" });
        if (response.ok) answer = await response.json();
      } catch (error) {
        if (error.name === "AbortError") return;
      }
      // One typed the whole of it, or left: nothing is to be chosen any more.
      const exact = answer.suggestions.find((found) => found.label.toLowerCase() === text.toLowerCase());
      if (document.activeElement !== input) {
        if (exact) choose(exact);
        return;
      }
      show(answer.suggestions);
      if (answer.suggestions.length) {
        state.textContent = answer.suggestions.length === 1 ? "1 suggestion" : `${answer.suggestions.length} suggestions`;
      } else if (answer.disponible) {
        state.textContent = "Aucune suggestion : votre réponse sera gardée comme vous l’écrivez.";
      } else {
        state.textContent = "Les suggestions ne répondent pas : écrivez votre réponse en entier.";
      }
    }

    input.addEventListener("input", () => {
      jeton.value = "";
      window.clearTimeout(timer);
      if (input.value.trim().length < LENGTH_MIN) {
        close();
        state.textContent = "";
      } else {
        timer = window.setTimeout(search, PAUSE_MS);
      }
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown") activate(active + 1 < options.length ? active + 1 : -1);
      else if (event.key === "ArrowUp") activate(active < 0 ? options.length - 1 : active - 1);
      else if (event.key === "Enter" && active >= 0) choose(options[active]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    // Before the blur, which would close the list under the pointer.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = options.find(({ item }) => item === event.target);
      if (option) choose(option);
    });
    input.addEventListener("blur", () => {
      const exact = options.find(({ label }) => label.toLowerCase() === input.value.trim().toLowerCase());
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      activate(-1);
      if (exact && !jeton.value) choose(exact);
      if (state.textContent.includes("suggestion") && !state.textContent.includes(":")) state.textContent = "";
    });
  }

  document.querySelectorAll("[data-tps-suggestions]").forEach(setUp);
  // Those that came into the page since.
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-tps-suggestions]")) setUp(event.target);
  });
})();
