// Offers the map once the list is there. Without this file the list is complete.
(() => {
  "use strict";
  const side = document.getElementById("map-side");
  const list = document.getElementById("list");
  if (!side || !list) return;
  const base = side.dataset.static;
  let asked = null;

  const load = (address) =>
    new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = () => failed(new Error(`cannot load ${address}`));
      document.head.append(script);
    });

  const start = () => {
    asked ??= (async () => {
      await Promise.all([
        load(`${base}vendor/leaflet.js?v=1.9.4`).then(() =>
          load(`${base}vendor/leaflet.markercluster.js?v=1.5.3`)),
        load(`${base}vendor/topojson-client.min.js?v=3.1.0`),
      ]);
      await load(`${base}map.js?v=${side.dataset.versionMap}`);
      await window.needlepointMap(side);
    })().catch((error) => {
      side.hidden = true;
      document.body.classList.remove("show-map");
      toggle.remove();
      console.warn(error.message);
    });
    return asked;
  };

  const toggle = document.createElement("div");
  toggle.className = "map-toggle";
  toggle.setAttribute("role", "group");
  toggle.setAttribute("aria-label", side.dataset.wordsShown);
  const buttons = [side.dataset.wordsList, side.dataset.wordsMap].map((name, which) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      show(which === 1);
      const address = new URL(location.href);
      address.hash = which === 1 ? "as-map" : "";
      history.replaceState(null, "", address);
      toggle.scrollIntoView({ block: "start" });
    });
    toggle.append(button);
    return button;
  });
  const show = (map) => {
    document.body.classList.toggle("show-map", map);
    buttons[0].setAttribute("aria-pressed", String(!map));
    buttons[1].setAttribute("aria-pressed", String(map));
    if (map) start().then(() => window.dispatchEvent(new Event("resize")));
  };

  side.hidden = false;
  list.parentElement.before(toggle);
  show(location.hash === "#as-map");
  const beside = matchMedia("(min-width: 62rem)");
  const whenBeside = () => beside.matches && start();
  // The list is drawn and usable before the map asks for anything.
  if ("requestIdleCallback" in window) requestIdleCallback(whenBeside, { timeout: 1500 });
  else setTimeout(whenBeside, 200);
  beside.addEventListener("change", whenBeside);
})();
