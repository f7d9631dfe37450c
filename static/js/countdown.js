// Keeps each `[data-tps-countdown="<end, ISO 8601>"]` right: the same words as the server
// (`dossiers/countdown.py`), by the server's clock, which `data-tps-countdown-now` gives.
(() => {
  const UNITS = [["jour", 86400], ["heure", 3600], ["minute", 60]];
  const LAST_DAY_SECONDS = 86400;
  const EVERY_MS = 10000;
  const loaded = performance.now();

  function write(seconds) {
    let rest = Math.max(0, seconds);
    const counts = UNITS.map(([name, length]) => {
      const count = Math.floor(rest / length);
      rest %= length;
      return [count, name];
    });
    const first = counts.findIndex(([count]) => count);
    if (first < 0) return "moins d’une minute";
    return counts.slice(first, first + 2).filter(([count]) => count)
      .map(([count, name]) => `${count} ${name}${count > 1 ? "s" : ""}`).join(" et ");
  }

  function refresh() {
    document.querySelectorAll("[data-tps-countdown]").forEach((place) => {
      const now = Date.parse(place.dataset.tpsCountdownNow) + performance.now() - loaded;
      const seconds = Math.floor((Date.parse(place.dataset.tpsCountdown) - now) / 1000);
      const left = place.querySelector("[data-tps-countdown-left]");
      if (!left) return;
      place.classList.toggle("tps-countdown--last-day", seconds < LAST_DAY_SECONDS);
      if (seconds > 0) {
        left.textContent = write(seconds);
      } else {
        place.firstElementChild.textContent = "Le dépôt des dossiers vient d’être clos.";
      }
    });
  }

  window.setInterval(refresh, EVERY_MS);
})();
