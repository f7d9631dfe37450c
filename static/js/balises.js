// Insert the chosen balise at the cursor of the field that was used last.
// <input data-tps-balise-field>  <div data-tps-balise-menu hidden><select>…</select><button>…</button></div>
(() => {
  const fields = document.querySelectorAll("[data-tps-balise-field]");
  const menu = document.querySelector("[data-tps-balise-menu]");
  if (!fields.length || !menu) return;

  const select = menu.querySelector("select");
  const status = menu.querySelector("[role=status]");
  let target = fields[fields.length - 1];
  fields.forEach((field) => field.addEventListener("focus", () => { target = field; }));

  const insert = () => {
    if (!select.value) {
      select.focus();
      return;
    }
    target.focus();
    target.setRangeText(select.value, target.selectionStart, target.selectionEnd, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
    status.textContent = `« ${select.selectedOptions[0].label} » : inséré.`;
  };

  menu.querySelector("button").addEventListener("click", insert);
  select.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    insert();
  });
  menu.hidden = false;
})();
