// Propose the public address from the title until someone types an address, and show it whole.
// <input data-tps-slug-source>  <input data-tps-slug>  <span data-tps-slug-address>
(() => {
  const source = document.querySelector("[data-tps-slug-source]");
  const slug = document.querySelector("[data-tps-slug]");
  const address = document.querySelector("[data-tps-slug-address]");
  if (!source || !slug || slug.disabled) return;

  const MAX = 100;
  const slugFrom = (title) => title.toLowerCase()
    .replaceAll("œ", "oe").replaceAll("æ", "ae").replaceAll("ß", "ss")
    .normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-").slice(0, MAX).replace(/^-+|-+$/g, "");

  let isFollowing = !slug.value || slug.value === slugFrom(source.value);
  const show = () => {
    if (address) address.textContent = slug.value || slugFrom(source.value) || "…";
  };

  source.addEventListener("input", () => {
    if (isFollowing) slug.value = slugFrom(source.value);
    show();
  });
  slug.addEventListener("input", () => {
    isFollowing = !slug.value;
    show();
  });
  show();
})();
